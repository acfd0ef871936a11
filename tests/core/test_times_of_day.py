"""Times of day by the reader's language; the cases are also the scripts' (frontend/shared/times.test.ts)."""

import json
from datetime import datetime, time
from pathlib import Path

import pytest
from django.utils.translation import override

from core.languages import asked_for, with_clock
from core.times_of_day import time_of_day

CASES = json.loads(Path(__file__).with_name("times_of_day.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']} {case['told']}")
def test_a_time_of_day_is_written_as_its_reader_does(case: dict[str, str]) -> None:
    with override(case["language"]):
        said = time_of_day(datetime.fromisoformat(case["at"]), case["zone"], seconds="seconds" in case)
    assert said == case["told"]


@pytest.mark.parametrize(
    ("language", "told"), [("en", "6:00\u00a0PM"), ("en-gb", "18:00"), ("es", "18:00"), ("ja", "18:00")]
)
def test_hours_that_were_typed_are_written_alike(language: str, told: str) -> None:
    with override(language):
        assert time_of_day(time(18)) == told


@pytest.mark.parametrize(
    ("accept", "locale"),
    [
        ("en-US,en;q=0.9", "en"), ("en", "en"), ("en-AU", "en"), ("en-001", "en"), ("en-GB,en-US;q=0.8", "en-gb"),
        ("en-IE", "en-gb"), ("en-150", "en-gb"), ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "en-gb"), ("", "en-gb"),
        ("*", "en-gb"), ("es-US,es;q=0.9", "es"), ("ja,en-US;q=0.5", "ja"), ("en;q=0.5,ja", "ja"), ("\x00;;q=x", "en-gb"),
    ],
)  # fmt: skip
def test_english_has_the_clock_of_the_first_language_that_the_browser_names(accept: str, locale: str) -> None:
    assert with_clock(asked_for(accept), accept) == locale
