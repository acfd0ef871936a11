"""The console says how old its view is, polls at once when its tab is shown, and keeps typed text (decision 0029)."""

from playwright.sync_api import expect

from tests.browser.conftest import TABLET, Open
from tests.browser.console_pages import menu, walk_in
from tests.browser.pages import console
from tests.installation import Stack

HIDDEN = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_the_console_says_how_old_it_is_and_looks_when_it_is_seen(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    host = console(open_page("", viewport=TABLET, errors_allowed=True), line)
    age = host.locator("[data-fresh]")
    expect(age).to_have_text("Live")

    # Nothing tells it of news any more, as in a page that was hidden for long.
    host.evaluate("WebSocket.prototype.close = () => {}")
    host.evaluate(HIDDEN, True)
    host.route("**/host/list*", lambda route: route.fulfill(status=406, body="no"))
    line.join("Ana")
    expect(host.get_by_text("The server does not send the list right now")).to_be_visible()
    expect(age).not_to_have_text("Live")
    host.unroute("**/host/list*")
    host.evaluate(HIDDEN, False)
    expect(host.locator("li[data-party]", has_text="Ana")).to_be_visible()
    expect(host.get_by_text("The server does not send the list right now")).to_be_hidden()
    expect(age).to_have_text("Live")

    # Another host closes the line: what is being typed stays, and so does the page, until that is cleared.
    name = walk_in(host).locator("[name=name]")
    name.fill("Ben")
    other = host.context.new_page()
    other.goto(host.url)
    menu(other).locator(".close-line summary").click()
    other.get_by_role("button", name="Close the line now").click()
    expect(host.get_by_text("The line was closed elsewhere. What you typed is still here")).to_be_visible()
    expect(name).to_have_value("Ben")
    name.fill("")
    expect(host.locator("[data-walk-in]")).to_have_count(0)
