"""axe finds nothing on any page in any state, in the light and in the dark (WCAG 2.2 AA and best practices)."""

import json
from typing import Any, Literal

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.gallery import WALKS, Scene, Walk
from tests.installation import FULL, Stack

# Buttons whose text is cut off.
CUT = """() => [...document.querySelectorAll(".button")].filter((each) => each.checkVisibility())
    .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent.trim())"""
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]
# The rules that a page can break in one of them where it keeps them in the other.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@pytest.mark.faults
@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_axe_finds_nothing(walk: Walk, open_still: Open, stack: Stack) -> None:
    """`make faults` examines the colours of each state in the light and in the dark, `make test` in one of them by turns."""
    found: dict[str, list[Any]] = {}
    for number, (state, page) in enumerate(walk.show(Scene(stack, open_still, viewport=walk.size)), WALKS.index(walk)):
        found[state] = page.evaluate(CUT)
        first, second = SCHEMES[number % 2], SCHEMES[number % 2 - 1]
        page.emulate_media(color_scheme=first)
        found[state] += violations(page)
        if FULL:
            page.emulate_media(color_scheme=second)
            found[state] += violations(page, COLOURS)
        page.emulate_media(color_scheme="light")
    wrong = {state: each for state, each in found.items() if each}
    assert found and wrong == {}, json.dumps(wrong, indent=1)


def test_axe_does_find_what_is_wrong(open_page: Open) -> None:
    page = open_page()
    page.evaluate(
        "document.querySelector('main').append(document.createElement('img'), document.createElement('select'))"
    )
    assert {"image-alt", "select-name"} <= {each["id"] for each in violations(page)}
