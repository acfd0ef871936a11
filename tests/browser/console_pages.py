"""Consoles in real browsers: opened with parties, a second one beside, and the order that they show."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.pages import open_line, party


def run_line(open_page: Open, *names: str, errors_allowed: bool = False, tablet: bool = True) -> tuple[Page, str]:
    """A host's console with these parties waiting; the code of the line."""
    host = open_page(viewport=TABLET if tablet else PHONE, errors_allowed=errors_allowed)
    code = open_line(host)
    for name in names:
        host.locator("[data-walk-in]").get_by_label("Name").fill(name)
        add = host.get_by_role("button", name="Add to the line")
        add.click()
        expect(party(host, name)).to_be_visible()
        # Another console's news may be quicker than the answer, and a second press in that time is a double tap.
        expect(add).not_to_have_attribute("aria-busy", "true")
    return host, code


def second(open_page: Open, host: Page, *, without: str = "") -> Page:
    """Another tablet of the same host; `without`: ways of following that are blocked (socket, events)."""
    page = open_page("/", viewport=TABLET, errors_allowed=True)
    page.context.add_cookies(host.context.cookies())  # type: ignore[arg-type]  # what it gave
    if "socket" in without:
        page.route_web_socket("**/versions", lambda socket: socket.close())
    if "events" in without:
        page.route("**/versions", lambda route: route.abort())
    page.goto(host.url)
    return page


def order(host: Page) -> list[str]:
    """The names of the waiting parties, from the head."""
    return host.locator(".waiting-list .name").all_inner_texts()


def expect_order(host: Page, *names: str) -> None:
    expect(host.locator(".waiting-list .name")).to_have_text(list(names))
