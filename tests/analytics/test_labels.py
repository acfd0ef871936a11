"""Figures in words (analytics/labels.py): a mail says the same numbers as the page of reports."""

import pytest
from django.template.defaultfilters import floatformat
from django.utils import translation

from analytics.answers import Row
from analytics.labels import of_answers


def mean_of(counts: tuple[int, ...], before: tuple[int, ...]) -> tuple[str, str, str]:
    """The mean answer in a mail, the one of the week before, and by how much it is more."""
    now, then = ([Row("all", sum(each), each)] for each in (counts, before))
    _, mean = of_answers(now, then)
    return mean.value, mean.beside, mean.change


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((0, 0, 0, 1, 2), "4.7"),  # 4.666...
        ((0, 0, 0, 3, 1), "4.3"),  # 4.25
        ((0, 0, 0, 0, 3), "5.0"),
    ],
)
def test_a_mean_answer_is_rounded_as_on_the_page(counts: tuple[int, ...], shown: str) -> None:
    with translation.override("en"):
        assert mean_of(counts, (0, 0, 0, 1, 0))[0] == shown == floatformat(Row("all", 0, counts).mean, 1)


def test_a_mean_is_more_by_what_is_shown() -> None:
    with translation.override("en"):
        assert mean_of((0, 0, 0, 1, 2), (0, 0, 0, 3, 1)) == ("4.7", "4.3", "+0.4")
        assert mean_of((0, 0, 0, 3, 1), (0, 0, 0, 1, 2)) == ("4.3", "4.7", "−0.4")  # noqa: RUF001
    with translation.override("es"):
        assert mean_of((0, 0, 0, 1, 2), (0, 0, 0, 3, 1)) == ("4,7", "4,3", "+0,4")
