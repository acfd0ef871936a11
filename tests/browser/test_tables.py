"""Tables in the console, counted in taps: who fits is seated with two, and each console of the venue shows who sits where."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.console_pages import crowd
from tests.browser.gallery.scene import Scene
from tests.browser.pages import console
from tests.installation import Stack

# Run in the installation.
TABLES = """
from venues import commands as c
from venues.models import Venue
venue = Venue.objects.get(slug={slug!r})
c.add_tables(venue_id=venue.pk, names=["1", "2"], seats=2, section="Terrace")
c.add_tables(venue_id=venue.pk, names=["3"], seats=6, section="Inside")
"""


def tile(host: Page, table: str) -> Locator:
    """What the console shows of a table."""
    return host.locator(".table-now", has=host.locator(".table-name strong", has_text=re.compile(f"^{table}$")))


def test_the_first_party_that_fits_a_table_for_two_is_seated_with_two_taps(open_page: Open, stack: Stack) -> None:
    venue = Scene(stack, open_page).venue("Casa Rosa")
    line, bar = venue.open("Dinner"), venue.open("Bar")
    line.host("settings", {"maxGuests": 200})
    host = console(open_page("", viewport=TABLET), line)
    expect(host.locator(".tables-pane")).to_have_count(0)
    stack.manage("shell", "-c", TABLES.format(slug=venue.slug))
    crowd(line, *((f"Guest {number}", 4 if number < 3 else 2) for number in range(60)))
    # A console that was opened before the venue had tables shows them by itself.
    host.locator(".tables-pane > summary").tap()
    tile(host, "1").get_by_role("button", name="Seat #4").tap()
    expect(tile(host, "1")).to_contain_text("#4 Guest 3")
    expect(host.locator(".tables-sign")).to_have_text("Tables: 2 free")
    assert violations(host) == []

    other = console(open_page("", viewport=PHONE), bar)
    other.locator(".tables-pane > summary").tap()
    expect(tile(other, "1")).to_contain_text("Dinner")
    expect(tile(other, "1")).not_to_contain_text("Guest 3")
    assert violations(other) == []
    tile(other, "1").get_by_role("button", name="Free").tap()
    expect(tile(other, "1")).not_to_contain_text("#4")
    # Not pressed here, and no party of this line: what changed is fetched within seconds.
    expect(tile(host, "1")).not_to_contain_text("#4")


def test_without_tables_the_console_has_no_button_for_them(open_page: Open, stack: Stack) -> None:
    host = console(open_page("", viewport=TABLET), stack.open_line())
    expect(host.get_by_text("Add walk-in")).to_be_visible()
    expect(host.locator(".tables-pane, [data-part^=tables]")).to_have_count(0)
