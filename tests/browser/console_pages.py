"""Consoles in real browsers: a line with parties, its console, and the order that it shows."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import TABLET, Open
from tests.browser.pages import console, party
from tests.installation import LiveLine, Stack

# Run in the installation. Through the API each party is a request, a wake-up of a worker and another list for all who look on.
CROWD = """
from queues import commands
joined = commands.join_all({code!r}, [commands.NewParty(name=name, size=size) for name, size in {parties!r}])
for _ in range({called}):
    commands.call({code!r})
print("CROWD", *[each.party.pk for each in joined])
"""


def crowd(line: LiveLine, *parties: tuple[str, int], called: int = 0) -> list[str]:
    """These parties join, by name and size; then so many are called, from the head of the line. The ids of all."""
    made = line.stack.manage("shell", "-v0", "-c", CROWD.format(code=line.code, parties=parties, called=called))
    return made.stdout.partition("CROWD")[2].split()


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


def walk_in(host: Page) -> Locator:
    """The form for a walk-in, opened by its button."""
    form = host.locator("[data-walk-in]")
    if not form.is_visible():
        host.locator(".walk-in-pane > summary").click()
    return form


def guests_pane(host: Page) -> Locator:
    """What all guests can do and read, opened by its button."""
    pane = host.locator(".guests-pane")
    if pane.get_attribute("open") is None:
        pane.locator("> summary").click()
    return pane


def menu(host: Page) -> Locator:
    """Rules, other devices, the end of the line: opened by its button."""
    host.locator(".menu-button").click()
    return host.locator(".pane", has=host.locator(".menu-button"))


def pause(host: Page) -> None:
    """Two taps; the pane closes by itself."""
    guests_pane(host).get_by_role("button", name="Pause joining").click()


def expect_state(host: Page, words: str) -> None:
    """Whether guests can join, as the host sees it at all times."""
    expect(host.locator("[data-part=state]")).to_contain_text(words)


def open_party(host: Page, name: str) -> Locator:
    """All about a party: its pane."""
    party(host, name).locator("[data-open]").click()
    return host.locator("[data-party-pane]")


def expect_order(host: Page, *names: str) -> None:
    expect(host.locator(".waiting-list .name")).to_have_text(list(names))
