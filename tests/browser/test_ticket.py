"""The ticket page over an evening: without scripts, after what the host undoes and edits, and as every page counts places."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.pages import expect_place, join
from tests.live import LiveLine, Stack

REFRESH = re.compile(r'(<meta http-equiv="refresh" content=")\d+')


def soon(route: Route) -> None:
    """The page as the server gives it, but that it looks again after one second."""
    answer = route.fetch()
    html, changed = REFRESH.subn(r"\g<1>1", answer.text())
    assert changed, "a ticket that looks again says when"
    route.fulfill(response=answer, body=html)


def plain_ticket(open_page: Open, line: LiveLine) -> Page:
    """A guest without scripts, at a ticket's address as it is given: with the place in its fragment."""
    guest = open_page(f"/queue/{line.code}", java_script_enabled=False)
    guest.get_by_role("button", name="Join the line").click()
    expect_place(guest, 1, "any moment now")
    assert "#place=" in guest.url
    guest.route("**/ticket", soon)
    return guest


def test_without_scripts_a_ticket_looks_again_by_itself_and_its_address_keeps_the_place(
    open_page: Open, stack: Stack
) -> None:
    line = stack.open_line()
    guest = plain_ticket(open_page, line)
    address = guest.url
    guest.reload()
    line.host("advance")
    expect(guest.get_by_text("It’s your turn")).to_be_visible()
    assert guest.url == address, "the place is in it, for another browser"
    line.host("undo")
    guest.get_by_role("link", name="Look now").click()
    expect_place(guest, 1, "any moment now")
    guest.get_by_role("button", name="I’m nearby").click()
    expect(guest.get_by_text("The host knows that you are close")).to_be_visible()
    guest.get_by_role("link", name="Leave the line").click()
    guest.get_by_role("link", name="Stay").click()
    expect_place(guest, 1, "any moment now")
    guest.get_by_role("button", name="Español").click()
    expect(guest.get_by_text("Su lugar en la fila")).to_be_visible()
    assert guest.url == address, "and after each form and link"

    # A line that was closed may be opened again, and who was removed may be put back: such a page looks again, too.
    guest.reload()
    line.host("close")
    expect(guest.locator(".is-closed")).to_be_visible()
    guest.reload()
    line.host("undo")
    expect(guest.locator(".is-waiting")).to_be_visible()

    elsewhere = open_page(address)
    expect_place(elsewhere, 1, "any moment now")


def test_a_place_in_the_address_of_an_open_page_is_taken(open_page: Open, stack: Stack) -> None:
    """An address that differs in its fragment alone is no new page."""
    line = stack.open_line()
    ana = open_page(f"/queue/{line.code}")
    join(ana, "Ana")
    address = ana.url
    elsewhere = open_page(f"/queue/{line.code}/ticket")
    expect(elsewhere.get_by_role("heading", name="This browser keeps no place in this line")).to_be_visible()
    elsewhere.evaluate("address => { location.href = address; }", address)
    expect_place(elsewhere, 1, "any moment now")
    elsewhere.evaluate("location.hash = '#main'")  # as the link to the content does
    elsewhere.wait_for_url(address)
