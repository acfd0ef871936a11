"""axe finds nothing on any page in any state, in the light and in the dark (WCAG 2.2 AA and best practices)."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.gallery import WALKS, Scene, Walk
from tests.installation import ROOT, Stack

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


# Buttons whose words are cut off.
CUT = """() => [...document.querySelectorAll(".button")].filter((each) => each.checkVisibility())
    .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent.trim())"""
# All that a dark page can have wrong that the same page has right in the light.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def violations(page: Page, only: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """What axe holds against the page: rule, and the parts that break it."""
    page.wait_for_load_state()
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        """async (options) => (await axe.run(options)).violations.map(({ id, nodes }) =>
            ({ id, parts: nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)}: ${failureSummary}`) }))""",
        {"resultTypes": ["violations"], **(only or {})},  # of what passes, axe writes down no more than it must
    )
    return found


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
