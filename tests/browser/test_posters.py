"""Posters, as the browser prints them: one sheet each, and a code that leads where it says."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.pages import assert_fits, open_line
from tests.installation import Stack

LONG = "Which of these remarkably long-named desserts would you like to see on the menu of next week? " * 2


def sheets(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


# Sheets in millimetres.
PAPERS = {"A4": (210, 297), "A5": (148, 210), "Letter": (215.9, 279.4)}
MARGIN_MM, MM = 12, 96 / 25.4
# Where the sheet has each part, in px of print: [left, top, right, bottom].
PARTS = """names => names.map(name => {
    const box = document.querySelector(name).getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom];
})"""
NAMES = [".poster-lead", ".poster h1", ".poster-qr", ".poster-code", ".poster-steps", ".poster-link"]


def assert_posters_fit(host: Page) -> None:
    """On every paper, upright and flat: one sheet, the code whole and at least 4 cm, and nothing on anything else."""
    before = host.viewport_size
    # First, for a window that was given a size is printed by it.
    printed = {
        (paper, landscape): sheets(host.pdf(format=paper, landscape=landscape))
        for paper in PAPERS
        for landscape in (False, True)
    }
    assert set(printed.values()) == {1}, printed
    for paper, sides in PAPERS.items():
        for landscape in (False, True):
            where = f"{paper} {'flat' if landscape else 'upright'}"
            host.emulate_media(media="print")
            width, height = (round((side - 2 * MARGIN_MM) * MM) for side in (sides[::-1] if landscape else sides))
            host.set_viewport_size({"width": width, "height": height})
            boxes = host.evaluate(PARTS, NAMES)
            for name, (left, top, right, bottom) in zip(NAMES, boxes, strict=True):
                assert left >= -1 and top >= -1 and right <= width + 1 and bottom <= height + 1, (where, name)
            left, top, right, bottom = boxes[NAMES.index(".poster-qr")]
            assert min(right - left, bottom - top) >= 40 * MM, where
            for number, one in enumerate(boxes):
                for other, two in zip(NAMES[number + 1 :], boxes[number + 1 :], strict=True):
                    beside = (
                        one[2] <= two[0] + 1 or two[2] <= one[0] + 1 or one[3] <= two[1] + 1 or two[3] <= one[1] + 1
                    )
                    assert beside, (where, NAMES[number], other)
            host.emulate_media(media="screen")
    if before:
        host.set_viewport_size(before)


@pytest.mark.parametrize("name", ["Friday dinner", LONG[:120], "W" * 120, "🍜" * 60, "مطعم الأصدقاء القدامى " * 5])
def test_a_line_poster_is_one_sheet(open_page: Open, name: str) -> None:
    host = open_page()
    code = open_line(host, name.strip())
    host.goto(f"/queue/{code}/poster")
    assert_fits(host)
    assert_posters_fit(host)


def to_the_poster(host: Page) -> None:
    """By the link, until the page is there."""
    host.get_by_role("link", name="Poster to print").click()
    host.wait_for_url("**/poster")


def test_polls_and_rooms_have_posters_too(open_page: Open, stack: Stack) -> None:
    host = open_page("/polls/new")
    host.get_by_label("Your question").fill(LONG[:255])
    host.get_by_label("Choice 1").fill("Flan")
    host.get_by_label("Choice 2").fill("Cake")
    host.get_by_role("button", name="Ask").click()
    to_the_poster(host)
    assert_fits(host)
    assert_posters_fit(host)
    host = open_page("/rooms/new")
    host.get_by_role("textbox").first.fill("Is it too loud in here?")
    host.locator("main button").last.click()
    to_the_poster(host)
    assert_posters_fit(host)
