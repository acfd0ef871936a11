"""F10: a vote is kept on the phone before it is sent, survives closed tabs, servers and polls, and is counted once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.driver import PLAIN_HOST
from tests.browser.pages import NO_SYNC, ballots, expect_counted, join, open_poll, outbox, vote, with_worker, worker_of
from tests.browser.voting_phones import NOT_YET, act, back_online, opened, phone_without_sync
from tests.installation import NewStack, Stack, wait_until


@pytest.fixture(scope="module")
def installation(own_stack: NewStack) -> Stack:
    """For this file alone."""
    return own_stack("offline", 12, ALLOWED_HOSTS=f"127.0.0.1,{PLAIN_HOST}")


@pytest.fixture
def fragile(installation: Stack) -> Stack:
    """It runs, and its server is stopped and started; the test before may have left it stopped."""
    return installation if "web" in installation.processes else installation.start("web")


@pytest.fixture
def phone(chromium: Browser, fragile: Stack) -> Iterator[BrowserContext]:
    """A browser without Background Sync; its pages are all of `fragile`."""
    with phone_without_sync(chromium, fragile) as context:
        yield context


# ------------------------------------------------------------------------------------------------- tabs and the server
def test_a_vote_of_a_killed_tab_is_sent_at_the_next_open_once(phone: BrowserContext, fragile: Stack) -> None:
    poll = open_poll(fragile)
    tab = opened(phone, f"/vote/{poll['code']}")
    tab.route("**/ballot", lambda route: route.abort())
    vote(tab, "Cake")
    expect(tab.get_by_text(NOT_YET)).to_be_visible()
    tab.close()
    assert ballots(fragile, poll["id"]) == []
    tab = opened(phone, f"/vote/{poll['code']}")
    expect_counted(tab)
    assert ballots(fragile, poll["id"]) == [[1]]
    tab.reload()
    expect_counted(tab)
    wait_until(lambda: outbox(tab) == [], what="the server's page has it")
    assert ballots(fragile, poll["id"]) == [[1]]


def test_a_stopped_server_and_no_tab_then_all_are_back_and_the_vote_counts_once(
    phone: BrowserContext, fragile: Stack
) -> None:
    poll = open_poll(fragile)
    tab = opened(phone, f"/vote/{poll['code']}")
    with_worker(tab)
    fragile.kill("web")
    vote(tab, "Cake")
    expect(tab.get_by_text(NOT_YET)).to_be_visible()
    kept = outbox(tab)
    assert [each["state"] for each in kept] == ["pending"] and kept[0]["signature"]
    tab.close()
    # The page opens without a server: its copy, which says so, and the vote as far as it is.
    tab = opened(phone, f"/vote/{poll['code']}")
    expect(tab.get_by_text("No connection. This page is from")).to_be_visible()
    expect(tab.get_by_text(NOT_YET)).to_be_visible()
    expect(tab.get_by_label("Cake")).to_be_checked()
    expect(tab.get_by_role("heading", name="Counted")).to_have_count(0)
    fragile.start("web")
    back_online(tab)
    expect_counted(tab)
    expect(tab.get_by_text("No connection. This page is from")).to_have_count(0)
    assert ballots(fragile, poll["id"]) == [[1]]
    rows = fragile.sql("SELECT ballot_id, signer FROM polls_ballot WHERE poll_id = %s", poll["id"])
    assert str(rows[0]["ballot_id"]) == kept[0]["id"] and len(rows[0]["signer"]) == 16
    tab.get_by_role("link", name="Check that it counts").click()
    expect(tab.get_by_text("Your ballot is in the count")).to_be_visible()


def test_a_server_that_comes_back_is_noticed_without_a_tap(phone: BrowserContext, fragile: Stack) -> None:
    poll = open_poll(fragile)
    tab = opened(phone, f"/vote/{poll['code']}")
    fragile.kill("web")
    vote(tab, "Flan")
    expect(tab.get_by_text(NOT_YET)).to_be_visible()
    fragile.start("web")
    # The phone was never offline: nothing but its own timer says when, a minute later at most.
    expect(tab.get_by_role("heading", name="Counted")).to_be_visible(timeout=70_000)
    assert ballots(fragile, poll["id"]) == [[0]]


def test_a_vote_for_a_poll_that_closed_is_refused_with_the_reason(phone: BrowserContext, fragile: Stack) -> None:
    poll = open_poll(fragile)
    tab = opened(phone, f"/vote/{poll['code']}")
    tab.route("**/ballot", lambda route: route.abort())
    vote(tab, "Cake")
    expect(tab.get_by_text(NOT_YET)).to_be_visible()
    tab.close()
    act(fragile, poll, "close")
    tab = opened(phone, f"/vote/{poll['code']}")
    expect(tab.get_by_text("This vote was not counted. This poll is closed.")).to_be_visible()
    expect(tab.get_by_role("heading", name="This vote is closed")).to_be_visible()
    wait_until(lambda: outbox(tab) == [], what="it was seen")
    assert ballots(fragile, poll["id"]) == []


def test_a_vote_counted_before_the_close_is_counted_though_its_answer_was_lost(
    phone: BrowserContext, fragile: Stack
) -> None:
    poll = open_poll(fragile)
    tab = opened(phone, f"/vote/{poll['code']}")
    tab.route("**/ballot", lambda route: (route.fetch(), route.abort()))
    vote(tab, "Cake")
    expect(tab.get_by_text(NOT_YET)).to_be_visible()
    tab.close()
    act(fragile, poll, "close")
    phone.clear_cookies()  # and with them, who this voter was
    tab = opened(phone, f"/vote/{poll['code']}")
    expect_counted(tab)
    assert ballots(fragile, poll["id"]) == [[1]]


# ---------------------------------------------------------------------------------------------------------- the worker
def test_background_sync_sends_what_no_page_does(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack)
    tab = open_page(f"/vote/{poll['code']}", errors_allowed=True, worker=True)
    with_worker(tab)
    devtools, worker = worker_of(tab)
    tab.add_init_script(NO_SYNC)  # the browser's own timing is not ours to test
    tab.reload()
    tab.route("**/ballot", lambda route: route.abort())
    vote(tab, "Cake")
    expect(tab.get_by_text(NOT_YET)).to_be_visible()
    tab.goto("/")
    assert ballots(stack, poll["id"]) == []
    devtools.send("ServiceWorker.dispatchSyncEvent", {**worker, "tag": "ballots", "lastChance": False})
    wait_until(lambda: ballots(stack, poll["id"]) == [[1]], what="the worker to send it")
    tab.goto(f"/vote/{poll['code']}")
    expect_counted(tab)
    assert ballots(stack, poll["id"]) == [[1]]


def test_pages_of_guests_open_without_a_server_and_nothing_of_hosts_is_kept(
    phone: BrowserContext, fragile: Stack
) -> None:
    line = fragile.open_line()
    poll = open_poll(fragile)
    tab = opened(phone, f"/queue/{line.code}")
    join(tab, "Ana")
    with_worker(tab)
    tab.goto("/polls/new")
    tab.goto(f"/vote/{poll['code']}/results")
    tab.goto("/")
    keys = (
        "async () => (await Promise.all((await caches.keys()).map(async (n) => (await caches.open(n)).keys()))).flat()"
    )
    kept = tab.evaluate(f"async () => (await ({keys})()).map((each) => new URL(each.url).pathname)")
    assert [path for path in kept if not path.startswith("/static/")] == ["/offline", f"/queue/{line.code}/ticket"]
    assert not [path for path in kept if "console" in path or "room" in path or "report" in path]
    fragile.kill("web")
    tab.goto(f"/queue/{line.code}/ticket")
    expect(tab.locator("[data-position]")).to_have_text("1")
    expect(tab.get_by_text("No connection. This page is from")).to_be_visible()
    tab.goto(f"/vote/{poll['code']}")
    expect(tab.get_by_role("heading", name="No connection")).to_be_visible()
    fragile.start("web")
    tab.get_by_role("link", name="Try again").click()
    expect(tab.get_by_role("button", name="Vote", exact=True)).to_be_visible()
    # An open copy is replaced as soon as the server answers.
    with_worker(tab)
    fragile.kill("web")
    tab.reload()
    expect(tab.get_by_text("No connection. This page is from")).to_be_visible()
    fragile.start("web")
    back_online(tab)
    expect(tab.get_by_text("No connection. This page is from")).to_be_hidden()


def test_a_receipt_is_shown_without_the_server_s_page(phone: BrowserContext, fragile: Stack) -> None:
    poll = open_poll(fragile)
    tab = opened(phone, f"/vote/{poll['code']}")
    with_worker(tab)
    answered: list[bool] = []

    def then_stop(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        fragile.kill("web")
        answered.append(True)
        route.fulfill(response=answer)  # type: ignore[attr-defined]

    tab.route("**/ballot", then_stop)
    vote(tab, "Cake")
    expect_counted(tab)
    receipt = outbox(tab)[0]["receipt"]
    for page in (tab, opened(phone, f"/vote/{poll['code']}")):
        expect(page.locator("[data-receipt] [data-seal]")).to_have_text(receipt["seal"])
        expect(page.locator("[data-receipt]")).to_contain_text("Cake")
        expect(page.get_by_role("button", name="Vote", exact=True)).to_be_hidden()
    assert answered == [True]


# ---------------------------------------------------------------------------------------------------------- plain HTTP
def test_on_plain_http_the_page_does_it_alone(chromium: Browser, fragile: Stack) -> None:
    poll = open_poll(fragile)
    context = chromium.new_context(base_url=f"http://{PLAIN_HOST}:{fragile.ports['web']}", viewport=PHONE)
    try:
        tab = opened(context, f"/vote/{poll['code']}")
        missing = "[isSecureContext, navigator.serviceWorker, navigator.locks, crypto.subtle, crypto.randomUUID]"
        assert tab.evaluate(f"{missing}.every((each) => !each)")
        fragile.kill("web")
        vote(tab, "Cake")
        expect(tab.get_by_text(NOT_YET)).to_be_visible()
        assert "signature" not in outbox(tab)[0]
        tab.close()
        fragile.start("web")
        tabs = [opened(context, f"/vote/{poll['code']}") for _ in range(2)]
        for tab in tabs:
            expect_counted(tab)
        assert ballots(fragile, poll["id"]) == [[1]]
    finally:
        context.close()
