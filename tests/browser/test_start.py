"""A page whose script does not start works as the page without scripts: it reloads and says so (decision 0029)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.pages import expect_counted, join, open_poll, vote
from tests.installation import Stack

REFRESH = re.compile(r'(<meta http-equiv="refresh" content=")[^"]*')
TICKET = re.compile(r"/ticket(#.*)?$")
LOOKS_AGAIN = re.compile(r"This page reloads every \d+ seconds\.")


def soon(route: Route) -> None:
    """The page as the server gives it, but that it looks again each second, where this sees it: a redirection would pass by."""
    answer = route.fetch()
    route.fulfill(
        response=answer, body=REFRESH.sub(rf"\g<1>1; url={route.request.url.split(chr(35))[0]}", answer.text())
    )


def no_script_arrives(page: Page) -> None:
    page.route(re.compile(r"\.js$"), lambda route: route.abort())


def the_page_s_own_does_not_arrive(page: Page) -> None:
    page.route(re.compile(r"/ticket-[^/]+\.js$"), lambda route: route.abort())


def a_part_of_it_does_not_arrive(page: Page) -> None:
    page.route(re.compile(r"/shared-[^/]+\.js$"), lambda route: route.abort())


def it_cannot_be_read(page: Page) -> None:
    new = {"content_type": "text/javascript", "body": "let a = ! of a newer language;"}
    page.route(re.compile(r"/ticket-[^/]+\.js$"), lambda route: route.fulfill(**new))


def it_throws(page: Page) -> None:
    page.add_init_script("Object.defineProperty(document, 'title', { get() { throw new Error('broken'); } })")


@pytest.mark.parametrize(
    "broken",
    [
        no_script_arrives,
        the_page_s_own_does_not_arrive,
        a_part_of_it_does_not_arrive,
        it_cannot_be_read,
        it_throws,
    ],
)
def test_a_ticket_whose_script_does_not_start_shows_the_call(
    broken: Callable[[Page], None], open_page: Open, stack: Stack
) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}", errors_allowed=True)
    join(guest, "Ana")
    broken(guest)
    guest.reload()
    expect(guest.get_by_text(LOOKS_AGAIN)).to_be_visible()
    expect(guest.get_by_text("as of")).to_have_count(0)
    guest.route(TICKET, soon)
    guest.reload()
    with guest.expect_request(TICKET):  # by itself
        pass
    line.host("advance")
    expect(guest.get_by_text("It’s your turn")).to_be_visible()


NEEDED = [
    "AbortSignal.timeout", "HTMLDialogElement.prototype.showModal", "Array.prototype.at", "Intl.RelativeTimeFormat",
    "CSS.escape", "Promise.allSettled", "Element.prototype.replaceChildren", "window.DOMParser",
    "SubmitEvent.prototype.submitter", "window.fetch", "window.WebSocket", "window.EventSource",
]  # fmt: skip


def test_a_browser_without_what_scripts_need_has_the_page_without_scripts(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}", errors_allowed=True)
    join(guest, "Ana")
    guest.add_init_script("if (sessionStorage.lacks) eval(`delete ${sessionStorage.lacks}`);")
    for each in NEEDED:
        guest.evaluate("each => sessionStorage.setItem('lacks', each)", each)
        guest.reload()
        assert guest.evaluate("document.documentElement.dataset.scripts ?? null") is None, each
        assert guest.locator("meta[http-equiv=refresh]").count() == 1, each
    guest.route(TICKET, soon)
    guest.reload()
    with guest.expect_request(TICKET):
        pass
    line.host("advance")
    expect(guest.get_by_text("It’s your turn")).to_be_visible()


def test_every_live_page_says_so_without_its_script_and_never_with_it(open_page: Open, stack: Stack) -> None:
    line, poll = stack.open_line(), open_poll(stack)
    room = stack.open_room()["code"]
    pages = [f"/queue/{line.code}/wall", f"/vote/{poll['code']}/results", f"/rooms/{room}", f"/rooms/{room}/wall"]
    whole = open_page("", errors_allowed=True)
    whole.route(re.compile(r"/(wall|results|rooms/\w+)$"), soon)
    broken = open_page("", errors_allowed=True)
    no_script_arrives(broken)
    for path in pages:
        whole.goto(path)
        expect(whole.locator("html")).to_have_attribute("data-scripts", "on")
        assert whole.locator("meta[http-equiv=refresh], .without-script:visible").count() == 0, path
        broken.goto(path)
        assert broken.locator("meta[http-equiv=refresh]").count() == 1, path
        assert broken.locator(".without-script:visible").count(), path
    # The voting page leads to the one that needs no script.
    for page in (whole, broken):
        page.goto(f"/vote/{poll['code']}")
    broken.wait_for_url(f"**/vote/{poll['code']}/own")
    vote(broken, "Cake")
    expect_counted(broken)
    expect(whole.locator("html")).to_have_attribute("data-scripts", "on")
    assert whole.url.endswith(f"/vote/{poll['code']}")
