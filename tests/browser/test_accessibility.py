"""axe finds nothing on any page in any state, in the light and in the dark (WCAG 2.2 AA and best practices)."""

import json

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.gallery import WALKS, Scene, Walk
from tests.installation import Stack

# Buttons whose text is cut off.
CUT = """() => [...document.querySelectorAll(".button")].filter((each) => each.checkVisibility())
    .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent.trim())"""
# The rules that a dark page can break where the light one keeps them.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_axe_finds_nothing(walk: Walk, open_page: Open, stack: Stack) -> None:
    found = {}
    for state, page in walk.show(Scene(stack, open_page, viewport=walk.size)):
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        light = violations(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found[state] = [*light, *violations(page, COLOURS), *page.evaluate(CUT)]
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
    wrong = {state: each for state, each in found.items() if each}
    assert found and wrong == {}, json.dumps(wrong, indent=1)


def test_axe_does_find_what_is_wrong(open_page: Open) -> None:
    page = open_page()
    page.evaluate(
        "document.querySelector('main').append(document.createElement('img'), document.createElement('select'))"
    )
    assert {"image-alt", "select-name"} <= {each["id"] for each in violations(page)}
