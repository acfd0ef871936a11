"""F10 in two tabs of one phone: one vote, sent once, and each tab learns what became of it."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.browser.conftest import PHONE
from tests.browser.pages import ballots, expect_counted, open_poll, outbox, vote
from tests.browser.voting_phones import NOT_YET, back_online, opened, phone_without_sync
from tests.installation import Stack, wait_until


@pytest.fixture
def phone(chromium: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """A browser without Background Sync."""
    with phone_without_sync(chromium, stack) as context:
        yield context


def test_two_tabs_have_one_vote(phone: BrowserContext, stack: Stack) -> None:
    poll = open_poll(stack)
    tabs = [opened(phone, f"/vote/{poll['code']}") for _ in range(2)]
    taken: list[int] = []
    phone.on("response", lambda answer: taken.append(answer.status) if answer.url.endswith("/ballot") else None)
    for tab in tabs:
        tab.route("**/ballot", lambda route: route.abort())
    vote(tabs[0], "Cake")
    for tab in tabs:  # the other one hears of it, and offers no second vote
        expect(tab.get_by_text(NOT_YET)).to_be_visible()
        expect(tab.get_by_label("Cake")).to_be_checked()
        expect(tab.get_by_role("button", name="Vote", exact=True)).to_be_hidden()
    for tab in tabs:
        tab.unroute("**/ballot")
    for tab in tabs:
        back_online(tab)
    for tab in tabs:
        expect_counted(tab)
    assert ballots(stack, poll["id"]) == [[1]]
    assert taken == [201], "one of them sent it, once"


def test_a_tab_that_hears_of_a_vote_already_thrown_away_stops_waiting(phone: BrowserContext, stack: Stack) -> None:
    poll = open_poll(stack)
    first, second = opened(phone, f"/vote/{poll['code']}"), phone.new_page()
    # Its news come when the test says so, and after its first attempt it makes none: one that waits for the first tab's to
    # end would be told by that.
    second.add_init_script(
        """window.setTimeout = () => 0;
        const hear = BroadcastChannel.prototype.addEventListener;
        BroadcastChannel.prototype.addEventListener = function (type, news) {
            hear.call(this, type, (message) => (window.heard ??= []).push(() => news(message)));
        };"""
    )
    for tab in (first, second):
        tab.route("**/ballot", lambda route: route.abort())
    vote(first, "Cake")
    expect(first.get_by_text(NOT_YET)).to_be_visible()
    # Its attempt is over, and the server's page, which it asks for after that, does not know of a vote yet.
    with (
        second.expect_response(f"**/vote/{poll['code']}/own"),
        second.expect_event("requestfailed", lambda request: request.url.endswith("/ballot")),
    ):
        second.goto(f"/vote/{poll['code']}")
    expect(second.get_by_text(NOT_YET)).to_be_visible()
    first.unroute("**/ballot")
    back_online(first)
    expect_counted(first)
    first.reload()
    wait_until(lambda: outbox(first) == [], what="the server's page has it")
    expect(second.get_by_text(NOT_YET)).to_be_visible()
    second.evaluate("heard.forEach((news) => news())")
    expect_counted(second)
    assert ballots(stack, poll["id"]) == [[1]]


def test_a_tab_that_was_opened_while_another_s_vote_was_counted_knows_of_it(chromium: Browser, stack: Stack) -> None:
    poll = open_poll(stack, dedupe="address")
    context = chromium.new_context(base_url=stack.url(), viewport=PHONE, service_workers="block")
    try:
        first = opened(context, f"/vote/{poll['code']}")
        vote(first, "Cake")
        expect_counted(first)
        first.reload()
        wait_until(lambda: outbox(first) == [], what="the server's page has it")
        second = context.new_page()
        asked: list[str] = []

        def before_the_answer(route: Route) -> None:
            asked.append(route.request.url)
            if len(asked) > 1:
                return route.continue_()
            # Asked for when the vote was in the count, and the proof still on its way to the browser.
            cookies = route.request.all_headers()["cookie"].split("; ")
            known = [each for each in cookies if not each.startswith("ballot_")]
            assert len(known) == len(cookies) - 1, cookies
            route.fulfill(response=route.fetch(headers={**route.request.all_headers(), "cookie": "; ".join(known)}))

        second.route(f"**/vote/{poll['code']}/own", before_the_answer)
        second.goto(f"/vote/{poll['code']}")
        expect_counted(second)
        assert len(asked) == 2
    finally:
        context.close()


@pytest.mark.parametrize("now", ["before", "while"])
def test_a_page_made_before_a_vote_was_counted_and_opened_afterwards_knows_of_it(
    now: str, chromium: Browser, stack: Stack
) -> None:
    poll = open_poll(stack, dedupe="address")  # in which each browser's own page is asked for
    context = chromium.new_context(base_url=stack.url(), viewport=PHONE, service_workers="block")
    try:
        first, second = opened(context, f"/vote/{poll['code']}"), context.new_page()
        asked: list[str] = []

        def on_its_way(route: Route) -> None:
            asked.append(route.request.url)
            if len(asked) > 1:
                return route.continue_()
            answer = route.fetch()
            html = answer.text()
            vote(first, "Cake")
            expect_counted(first)
            # The page's time, should it have been made between the vote's time and its commit.
            late = f'data-now="{int(time.time() * 1000) + 1}"' if now == "while" else r"\g<0>"
            route.fulfill(response=answer, body=re.sub(r'data-now="\d+"', late, html))

        second.route(f"**/vote/{poll['code']}/own", on_its_way)
        second.goto(f"/vote/{poll['code']}")
        expect(second.locator("[data-vote=counted][data-personal]")).to_be_visible()  # not the receipt alone
        assert len(asked) in {2, 3}, "once more, and a third time when the other tab's news came during the second"
        assert ballots(stack, poll["id"]) == [[1]]
        second.unroute_all(behavior="ignoreErrors")
    finally:
        context.close()
