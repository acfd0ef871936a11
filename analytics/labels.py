"""Figures in words: on pages, which are in English, and in mails, which are in the language of their reader."""

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.answers import ALL, Row
from analytics.figures import Figures

NONE = "–"  # noqa: RUF001
MINUS = "−"  # noqa: RUF001


class Compared(NamedTuple):
    """A figure of a period, the same of the period beside it, and by how much it is more or less. Empty without one."""

    label: str
    value: str
    beside: str
    change: str


def minutes(ms: int | None) -> str:
    """A wait: `25 min`, `under 1 min`, or a dash when there is none."""
    if ms is None:
        return NONE
    whole = round(ms / 60_000)
    return _("{n} min").format(n=whole) if whole else _("under 1 min")


def percent(share: float | None) -> str:
    """A share of 0 to 1."""
    return NONE if share is None else f"{round(100 * share)}\u00a0%"


def decimal(number: float | None) -> str:
    """To one decimal, as the language writes it; a dash when there is none."""
    return NONE if number is None else number_format(_tenths(number), 1, use_l10n=True)


def _tenths(number: float) -> Decimal:
    """To one decimal, halves up, as `floatformat` shows it on pages; `number_format` alone would cut the rest off."""
    return Decimal(str(number)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def count(number: int) -> str:
    """A number as the language writes it."""
    return number_format(number, use_l10n=True, force_grouping=True)


def _signed(number: float, words: str) -> str:
    """The words of a difference, with its sign."""
    return words if number == 0 else f"{'+' if number > 0 else MINUS}{words}"


def _more(now: int, then: int) -> str:
    """How many more, and in percent of what there were."""
    difference = _signed(now - then, count(abs(now - then)))
    if not then or now == then:
        return difference
    return f"{difference} ({_signed(now - then, percent(abs(now - then) / then))})"


def _longer(now: int | None, then: int | None) -> str:
    """By how many minutes a wait is longer, as both are shown."""
    if now is None or then is None:
        return ""
    difference = round(now / 60_000) - round(then / 60_000)
    return _signed(difference, _("{n} min").format(n=abs(difference)))


def _points(now: float | None, then: float | None) -> str:
    """By how many points a share is more."""
    if now is None or then is None:
        return ""
    difference = round(100 * now) - round(100 * then)
    return _signed(difference, _("{points} points").format(points=abs(difference)))


def _higher(now: float | None, then: float | None) -> str:
    """By how much a mean is more, as both are shown."""
    if now is None or then is None:
        return ""
    difference = float(_tenths(now) - _tenths(then))
    return _signed(difference, decimal(abs(difference)))


# What a figure is called, its name, how it is shown, how it is compared, and whether it is left out where it is 0.
_ROWS: list[tuple[Promise, str, Callable[..., str], Callable[..., str], bool]] = [
    (gettext_lazy("Parties joined"), "parties", count, _more, False),
    (gettext_lazy("Guests in them"), "guests", count, _more, False),
    (gettext_lazy("Parties seated"), "served", count, _more, False),
    (gettext_lazy("Covers"), "served_guests", count, _more, False),
    (gettext_lazy("No-shows"), "no_shows", count, _more, False),
    (gettext_lazy("No-shows of all parties"), "no_show_share", percent, _points, False),
    (gettext_lazy("Left by themselves"), "left", count, _more, False),
    (gettext_lazy("Removed by a host"), "kicked", count, _more, True),
    (gettext_lazy("In line when it closed"), "closed_out", count, _more, True),
    (gettext_lazy("Still in line"), "waiting", count, _more, True),
    (gettext_lazy("Half were seated within"), "median_wait_ms", minutes, _longer, False),
    (gettext_lazy("Nine of ten were seated within"), "p90_wait_ms", minutes, _longer, False),
    (gettext_lazy("Waited as long as they were told"), "in_quote_share", percent, _points, False),
]


def compared(now: Figures, then: Figures | None = None) -> Iterator[Compared]:
    """All figures, one by one, beside those of another period where there is one."""
    for label, name, shown, more, optional in _ROWS:
        value, other = getattr(now, name), getattr(then, name) if then is not None else None
        if optional and not value and not other:
            continue
        if then is None:
            yield Compared(str(label), shown(value), "", "")
        else:
            yield Compared(str(label), shown(value), shown(other), more(value, other))


# The groups of analytics/answers.py whose mean answer is told.
_MEANS = {
    ALL: gettext_lazy("Their answer, 1 to 5"),
    "later": gettext_lazy("Their answer, where called later than told"),
}


def of_answers(now: Sequence[Row], then: Sequence[Row]) -> Iterator[Compared]:
    """What guests answered after their visits, beside those of another period; nothing where no guest was asked in either."""
    groups, others = ({row.group: row for row in rows} for rows in (now, then))
    if not groups and not others:
        return
    answered, before = (each[ALL].answered if each else 0 for each in (groups, others))
    yield Compared(_("Told how their visit was"), count(answered), count(before), _more(answered, before))
    for group, label in _MEANS.items():
        mean, beside = (each[group].mean if group in each else None for each in (groups, others))
        if mean is not None or beside is not None:
            yield Compared(str(label), decimal(mean), decimal(beside), _higher(mean, beside))
