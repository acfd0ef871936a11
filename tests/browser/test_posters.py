"""Posters, as the browser prints them: one sheet each, and a code that leads where it says."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.pages import assert_fits, open_line
from tests.live import Stack

LONG = "Which of these remarkably long-named desserts would you like to see on the menu of next week? " * 2


def sheets(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.parametrize("name", ["Friday dinner", LONG[:120]])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_line_poster_is_one_sheet(open_page: Open, name: str, paper: str) -> None:
    host = open_page()
    code = open_line(host, name)
    host.goto(f"/queue/{code}/poster")
    assert_fits(host)
    assert sheets(host.pdf(format=paper)) == 1


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
    assert sheets(host.pdf(format="A4")) == 1
    host.goto("/rooms/new")
    host.get_by_role("textbox").first.fill("Is it too loud in here?")
    host.locator("main button").last.click()
    to_the_poster(host)
    assert sheets(host.pdf(format="A4")) == 1
