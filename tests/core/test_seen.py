"""What a form showed, as marks, and what of it is not so any more (decision 0105)."""

from datetime import time
from typing import Any

import pytest

from core import seen


def test_only_fields_that_are_about_to_change_are_compared() -> None:
    saw = seen.shown({"name": "A", "seats": 4, "opens": time(18), "words": {"en": "a", "es": "b"}})
    assert seen.overtaken(saw, {"name": ["A", "B"], "opens": ["18:00:00", "19:00:00"]}) == ()
    assert seen.overtaken(saw, {"words": [{"es": "b", "en": "a"}, {}]}) == (), "in whatever order"
    assert seen.overtaken(saw, {"name": ["A", "B"], "seats": [5, 4]}) == ("seats",)
    assert seen.overtaken(saw, {"colour": ["red", "blue"]}) == (), "the form did not show it"
    assert seen.overtaken("", {"name": ["A", "B"]}) == seen.overtaken("name=zz", {"name": ["A", "B"]}) == ()


def test_a_page_can_say_that_there_was_nothing_else() -> None:
    saw = seen.shown({"24/May": ["18:00"]}, rest=True)
    assert seen.overtaken(saw, {"25/May": [None, ["12:00"]]}) == ()
    assert seen.overtaken(saw, {"25/May": [["12:00"], ["13:00"]]}) == ("25/May",)
    assert seen.overtaken(saw, {"24/May": [None, ["12:00"]]}) == ("24/May",), "it was taken away"


@pytest.mark.parametrize("value", ["a secret", None, 0, [], "ü"])
def test_a_mark_is_made_with_the_secret_key(value: object, settings: Any) -> None:
    mark = seen.shown({"token": value})
    assert seen.shown({"token": value}) == mark != seen.shown({"other": value}).replace("other", "token")
    settings.SECRET_KEY = "another key of fifty letters, which nobody has seen"
    assert seen.shown({"token": value}) != mark
