"""Consoles in real browsers: a line with parties, its console, and the order that it shows."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET, Open
from tests.browser.pages import console
from tests.installation import LiveLine, Stack


def run_line(stack: Stack, *names: str) -> LiveLine:
    """A line with these parties waiting."""
    line = stack.open_line()
    for name in names:
        line.host("walk-in", {"name": name, "size": 2})
    return line


def tablet(open_page: Open, line: LiveLine, *, without: str = "", **options: Any) -> Page:
    """A host's console; `without`: ways of following that are blocked (socket, events)."""
    page = open_page("", **{"viewport": TABLET, **options})
    if "socket" in without:
        page.route_web_socket("**/versions", lambda socket: socket.close())
    if "events" in without:
        page.route("**/versions", lambda route: route.abort())
    return console(page, line)


def expect_order(host: Page, *names: str) -> None:
    expect(host.locator(".waiting-list .name")).to_have_text(list(names))
