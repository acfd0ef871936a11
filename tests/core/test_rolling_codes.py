"""Codes that change by the clock: what counts when, however it is typed."""

from datetime import UTC, datetime, timedelta

import pytest

from core.codes import is_code
from core.rolling_codes import PERIOD, RollingCode, next_change

NOW = datetime(2026, 3, 23, 12, 2, tzinfo=UTC)
DOOR = RollingCode("door", "a line")


def test_a_code_counts_in_its_period_and_the_next() -> None:
    code = DOOR.at(NOW)
    assert is_code(code)
    begins = next_change(NOW) - PERIOD
    last = begins + 2 * PERIOD - timedelta(microseconds=1)
    assert begins <= NOW < next_change(NOW)
    assert DOOR.counts(code, begins) and DOOR.counts(code, last)
    assert not DOOR.counts(code, begins - timedelta(microseconds=1))
    assert not DOOR.counts(code, last + timedelta(microseconds=1))


def test_a_code_is_of_one_subject_and_one_purpose() -> None:
    for other in (RollingCode("door", "another"), RollingCode("hand-over", "a line")):
        assert not other.counts(DOOR.at(NOW), NOW)


@pytest.mark.parametrize("written", [str.lower, lambda code: f" {code[:3]}-{code[3:]} ", lambda code: f"{code}."])
def test_a_code_is_read_as_people_type_it(written: object) -> None:
    assert DOOR.counts(written(DOOR.at(NOW)), NOW)  # type: ignore[operator]


@pytest.mark.parametrize("typed", ["", "x", "ABCDEFG", "\x00", "é" * 6, "9" * 5000])
def test_what_is_no_code_does_not_count(typed: str) -> None:
    assert not DOOR.counts(typed, NOW)


def test_the_secret_makes_the_codes(settings: object) -> None:
    code = DOOR.at(NOW)
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]  # noqa: S105
    assert not DOOR.counts(code, NOW)
