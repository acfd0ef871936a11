"""What phones do to a voting page: storages that hang, clocks that are set, many tabs, keyboards and screen readers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, Route, expect

from tests.browser.conftest import ARGUMENTS, PHONE, Open
from tests.browser.pages import ballots, expect_counted, made, outbox, vote
from tests.browser.test_accessibility import violations
from tests.installation import CHROMIUM, Stack, wait_until

pytestmark = pytest.mark.whole_browser  # focus and locks as they are with windows

NOT_YET = "Not counted yet"
KEPT_NOWHERE = "This browser keeps nothing"
# Requests of the storage that are never answered.
HANGS = """
const never = () => Object.assign(Object.create(IDBOpenDBRequest.prototype), {
    addEventListener() {}, removeEventListener() {},
});
"""
FROM_THE_FIRST = f"{HANGS} IDBFactory.prototype.open = never;"
EACH_TRANSACTION = f"{HANGS} for (const name of ['get', 'getAll', 'put']) IDBObjectStore.prototype[name] = never;"
# How often the storage is read and the pending vote is painted; and how long the page's timers wait.
COUNTED = """
window.reads = 0; window.paints = 0; window.waits = [];
const get = IDBObjectStore.prototype.get;
IDBObjectStore.prototype.get = function (...given) { window.reads += 1; return get.apply(this, given); };
const later = window.setTimeout;
window.setTimeout = (work, ms, ...rest) => { window.waits.push(ms ?? 0); return later(work, ms, ...rest); };
"""
WATCHED = """() => new MutationObserver((seen) => { window.paints += seen.length; })
    .observe(document.querySelector("[data-pending]"), { attributes: true, childList: true, subtree: true })"""
# A clock that a test sets: by so many ms, in this page and in all that are opened.
SET_CLOCK = """
const real = Date.now;
Date.now = () => real() + Number(localStorage.getItem("shift") ?? 0);
"""
DAY_MS = 86_400_000


@pytest.fixture
def tabs(chromium: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """One browser, many tabs, without a service worker: it would send what waits."""
    context = chromium.new_context(base_url=stack.url(), viewport=PHONE, locale="en-US", service_workers="block")
    context.set_default_timeout(15_000)
    yield context
    context.close()


def opened(context: BrowserContext, path: str) -> Page:
    """A new tab."""
    page = context.new_page()
    page.goto(path)
    return page


def voting(stack: Stack, context: BrowserContext, **fields: object) -> tuple[dict[str, str], Page]:
    """A poll, and its voting page."""
    poll = made(stack, **fields)
    return poll, opened(context, f"/vote/{poll['code']}")


def busy(seconds: int) -> Callable[[Route], None]:
    """Answers a vote as a server does that has too much to do: the page's own timer does not come before the test."""
    return lambda route: route.fulfill(status=503, body="{}", headers={"retry-after": str(seconds)})


def act(stack: Stack, poll: dict[str, str], action: str) -> None:
    """As its host."""
    url = f"{stack.url()}/api/polls/{poll['id']}/{action}"
    assert httpx.post(url, headers={"x-host-auth": poll["hostToken"]}).status_code == 200


# -------------------------------------------------------------------------------------------------- a storage that hangs
@pytest.mark.parametrize("hangs", [FROM_THE_FIRST, EACH_TRANSACTION], ids=["open", "transactions"])
def test_a_storage_that_hangs_holds_no_vote_back(hangs: str, tabs: BrowserContext, stack: Stack) -> None:
    tabs.add_init_script(hangs)
    poll, phone = voting(stack, tabs)
    held: list[Route] = []
    phone.route("**/ballot", lambda route: held.append(route))
    vote(phone, "Cake")
    expect(phone.get_by_text("Sending…")).to_be_visible()
    expect(phone.get_by_text(KEPT_NOWHERE)).to_be_visible()
    wait_until(lambda: phone.evaluate("1") and held, what="the vote")
    busy(3_000)(held[0])
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    expect(phone.get_by_text("Yours is kept on this phone")).to_be_hidden()
    phone.unroute("**/ballot")
    phone.get_by_role("button", name="Try now").click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_a_storage_that_hangs_after_the_vote_was_kept_does_neither(tabs: BrowserContext, stack: Stack) -> None:
    poll, phone = voting(stack, tabs)
    phone.route("**/ballot", busy(3_000))
    vote(phone, "Cake")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    phone.evaluate(EACH_TRANSACTION)
    phone.unroute("**/ballot")
    phone.get_by_role("button", name="Try now").click()
    expect_counted(phone)
    # The storage works again, and still holds the vote; the page that opens knows that it is in.
    phone.reload()
    expect_counted(phone)
    wait_until(lambda: outbox(phone) == [], what="nothing pending")
    assert ballots(stack, poll["id"]) == [[1]]


# ---------------------------------------------------------------------------------------------------------------- clocks
@pytest.mark.parametrize("days", [-40, 40])
def test_a_clock_that_is_set_after_retry_after_makes_no_vote_wait(
    days: int, tabs: BrowserContext, stack: Stack
) -> None:
    tabs.add_init_script(SET_CLOCK)
    poll, phone = voting(stack, tabs)
    phone.route("**/ballot", busy(3_000))
    vote(phone, "Cake")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    phone.evaluate(f"localStorage.setItem('shift', {days * DAY_MS})")
    phone.reload()
    phone.unroute("**/ballot")
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_a_wait_that_was_written_by_a_clock_40_days_ahead_is_no_loop(tabs: BrowserContext, stack: Stack) -> None:
    tabs.add_init_script(SET_CLOCK + COUNTED)
    poll, phone = voting(stack, tabs)
    phone.evaluate(f"localStorage.setItem('shift', {40 * DAY_MS})")
    phone.route("**/ballot", busy(3_000))
    vote(phone, "Cake")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    phone.evaluate("localStorage.setItem('shift', 0); reads = 0; waits = []")
    phone.evaluate("dispatchEvent(new Event('online'))")
    wait_until(
        lambda: phone.evaluate("Math.max(...waits) > 1_000_000"), what="the wait that the server asked for, or less"
    )
    assert phone.evaluate("Math.max(...waits) < 2 ** 31 && reads < 20")
    # The person's own try waits for nothing.
    phone.unroute("**/ballot")
    phone.get_by_role("button", name="Try now").click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


# ------------------------------------------------------------------------------------------------------------- many tabs
def test_a_tab_waits_while_another_sends_and_paints_nothing_anew(tabs: BrowserContext, stack: Stack) -> None:
    poll, other = voting(stack, tabs)
    other.evaluate("(poll) => { navigator.locks.request(`tallyline-ballots.${poll}`, () => new Promise(() => {})); }",
                   poll["id"])  # fmt: skip
    phone = tabs.new_page()
    phone.add_init_script(COUNTED)
    phone.goto(f"/vote/{poll['code']}")
    phone.route("**/ballot", lambda route: route.abort())
    vote(phone, "Cake")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    phone.evaluate(f"reads = 0; waits = []; ({WATCHED})()")
    wait_until(lambda: phone.evaluate("waits.filter((ms) => ms > 1_000).length >= 2"), what="two more looks")
    assert phone.evaluate("[reads < 20, paints]") == [True, 0]
    phone.unroute("**/ballot")
    phone.get_by_role("button", name="Try now").click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_news_of_another_tab_end_the_waiting(tabs: BrowserContext, stack: Stack) -> None:
    poll, one = voting(stack, tabs)
    held: list[Route] = []
    one.route("**/ballot", lambda route: held.append(route))
    vote(one, "Cake")
    wait_until(lambda: one.evaluate("1") and held, what="the vote")
    other = opened(tabs, f"/vote/{poll['code']}")
    expect(other.get_by_text(NOT_YET)).to_be_visible()
    held[0].continue_()
    for tab in (one, other):
        expect_counted(tab)
    assert ballots(stack, poll["id"]) == [[1]]


def test_eight_results_that_are_followed_leave_room_for_a_vote(tabs: BrowserContext, stack: Stack) -> None:
    """HTTP/1.1: six connections to a server, for all tabs of a browser."""
    streams: list[str] = []
    tabs.on(
        "request", lambda asked: streams.append(asked.url) if urlsplit(asked.url).path.endswith("/stream") else None
    )
    polls = [made(stack) for _ in range(4)]
    walls = [opened(tabs, f"/vote/{poll['code']}/results") for poll in polls * 2]
    for wall in walls:
        expect(wall.locator("[data-ballots]")).to_have_text("0")
    for poll in polls:
        phone = opened(tabs, f"/vote/{poll['code']}")
        vote(phone, "Cake")
        expect_counted(phone)
        phone.close()
    for wall in walls:
        expect(wall.locator("[data-ballots]")).to_have_text("1")
    assert len(streams) == 1
    # It goes to the next when it is given back.
    first = next(index for index, wall in enumerate(walls) if polls[index % 4]["id"] in streams[0])
    walls[first].close()
    wait_until(lambda: walls[first - 1].evaluate("1") and len(streams) == 2, what="another page's stream")


def test_a_browser_stays_away_from_the_stream_of_a_closed_poll(tabs: BrowserContext, stack: Stack) -> None:
    poll, page = voting(stack, tabs)
    act(stack, poll, "close")
    for path in (f"/api/polls/{poll['id']}/stream", f"/api/vote/{poll['id']}/stream"):
        statuses: list[int] = []

        def note(said: Response, path: str = path, statuses: list[int] = statuses) -> None:
            if said.url.endswith(path):
                statuses.append(said.status)

        page.on("response", note)
        page.evaluate("(path) => { window.source = new EventSource(path); }", path)
        wait_until(lambda: page.evaluate("source.readyState === EventSource.CLOSED"), what="the end of it")
        assert statuses == [200, 204]


# ----------------------------------------------------------------------------------------- keyboards and screen readers
def press_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Tab, until the focus is there."""
    for _ in range(30):
        if wanted.evaluate("(node) => node === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError("the focus never came there")


def test_a_vote_by_keyboard_leads_the_focus_to_what_became_of_it(tabs: BrowserContext, stack: Stack) -> None:
    poll, phone = voting(stack, tabs)
    phone.route("**/ballot", busy(3_000))
    press_to(phone, phone.get_by_label("Flan"))
    phone.keyboard.press("ArrowDown")
    press_to(phone, phone.get_by_role("button", name="Vote", exact=True))
    phone.keyboard.press("Enter")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    expect(phone.locator("[data-pending]")).to_be_focused()
    assert violations(phone) == []
    phone.unroute("**/ballot")
    press_to(phone, phone.get_by_role("button", name="Try now"))
    phone.keyboard.press("Enter")
    heading = phone.get_by_role("heading", name="Counted")
    expect(heading).to_be_focused()
    expect(phone.locator("body > [role=status]")).to_have_text("Counted: Cake")
    assert violations(phone) == []
    assert ballots(stack, poll["id"]) == [[1]]


def test_a_refusal_takes_the_focus_and_an_unasked_outcome_does_not(tabs: BrowserContext, stack: Stack) -> None:
    poll, phone = voting(stack, tabs)
    reading = opened(tabs, f"/vote/{poll['code']}/results")
    link = reading.get_by_role("link", name="Tallyline")
    link.focus()
    act(stack, poll, "close")
    expect(reading.get_by_text("Closed", exact=True)).to_be_visible()
    late = made(stack)
    phone.goto(f"/vote/{late['code']}")
    answer = {"status": 409, "json": {"error": "This poll is closed."}}
    phone.route("**/ballot", lambda route: route.fulfill(**answer))
    press_to(phone, phone.get_by_label("Flan"))
    phone.keyboard.press("Space")
    phone.keyboard.press("Enter")
    expect(
        phone.get_by_role("alert").filter(has_text="This vote was not counted. This poll is closed.")
    ).to_be_focused()
    assert violations(phone) == []


def test_no_more_can_be_picked_than_may_be_and_it_is_said_at_the_right_box(tabs: BrowserContext, stack: Stack) -> None:
    choices = ["Flan", "Cake", "Sorbet", "Cheese", "Fruit"]
    poll, phone = voting(stack, tabs, choices=choices, minPicks=2, maxPicks=3)
    boxes = [phone.get_by_label(text) for text in choices]
    note = phone.locator("[data-problem]")

    # Too few: at the first box that is still to be had.
    boxes[0].check()
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect(boxes[1]).to_be_focused()
    expect(note).to_have_text("Pick 2 to 3.")
    expect(boxes[1]).to_have_accessible_description("Pick 2 to 3.")
    assert ballots(stack, poll["id"]) == []

    # By keyboard: the fourth is let go again, the focus stays, and it is said there why.
    phone.keyboard.press("Space")
    expect(note).to_be_hidden()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    expect(boxes[3]).to_be_focused()
    expect(boxes[3]).not_to_be_checked()
    expect(boxes[3]).to_have_accessible_description("You have picked 3 already. To pick another, take one back first.")
    expect(phone.locator("label.option:has([value='3']) + [role=alert]")).to_be_visible()
    assert violations(phone) == []
    # By touch it is no different; and one that is taken back makes room.
    boxes[4].click()
    expect(boxes[4]).not_to_be_checked()
    expect(boxes[3]).to_have_accessible_description("")
    boxes[0].uncheck()
    expect(note).to_be_hidden()
    boxes[4].check()
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1, 2, 4]]


def test_a_browser_that_keeps_no_cookies_is_told_so_once(chromium: Browser, stack: Stack, tmp_path: Path) -> None:
    poll = made(stack)
    profile = tmp_path / "Default"
    profile.mkdir()
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Preferences").write_text(json.dumps(blocked))
    sentence = "This browser keeps no cookies, and a vote needs one."
    context = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, args=ARGUMENTS, base_url=stack.url(), locale="en-US"
    )
    try:
        page = context.new_page()
        page.goto(f"/vote/{poll['code']}")
        expect(page.get_by_text(sentence)).to_be_visible()
        assert violations(page) == []
        vote(page, "Cake")
        page.wait_for_load_state()
        expect(page.get_by_text(sentence)).to_be_visible()
        expect(page.get_by_text(sentence)).to_have_count(1)
        assert ballots(stack, poll["id"]) == []
    finally:
        context.close()


# ---------------------------------------------------------------------------------------------------------------- rounds
OTHER_ROUND = (
    "This vote was not counted. This vote belongs to an earlier round. The host has started the poll again since."
)


def test_a_vote_of_an_earlier_round_is_refused_in_words_and_can_be_cast_again(
    tabs: BrowserContext, stack: Stack
) -> None:
    poll, phone = voting(stack, tabs)
    phone.route("**/ballot", busy(3_000))
    vote(phone, "Cake")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    act(stack, poll, "reset")
    phone.unroute("**/ballot")
    phone.get_by_role("button", name="Try now").click()
    expect(phone.get_by_text(OTHER_ROUND)).to_be_visible()
    assert ballots(stack, poll["id"]) == []
    wait_until(lambda: outbox(phone) == [], what="nothing to be sent again")
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_pages_that_say_counted_notice_a_new_round(open_page: Open, stack: Stack) -> None:
    """Beside each other, for each waits until it looks again: whatever it may show, the poll open or closed before."""
    polls = [
        (made(stack, visibility=visibility), closed)
        for visibility in ("always", "host_only", "after_voting")
        for closed in (False, True)
    ]
    phones, receipts = [], []
    for poll, _ in polls:
        phones.append(open_page(f"/vote/{poll['code']}", errors_allowed=True))
        vote(phones[-1], "Cake")
        expect_counted(phones[-1])
        receipts.append(phones[-1].context.new_page())
        receipts[-1].goto(f"/vote/{poll['code']}/receipt")
        expect(receipts[-1].get_by_text("Your ballot is in the count")).to_be_visible()
    for (poll, closed), phone in zip(polls, phones, strict=True):
        if closed:
            act(stack, poll, "close")
            expect(phone.locator("[data-results][data-status=closed]")).to_be_visible()
    for poll, _ in polls:
        act(stack, poll, "reset")
    for (poll, _), phone, receipt in zip(polls, phones, receipts, strict=True):
        expect(phone.get_by_text("The host has started this vote again.")).to_be_visible()
        expect(phone.get_by_role("heading", name="Counted")).to_be_hidden()
        expect(receipt.get_by_text("This browser keeps no ballot of this poll.")).to_be_visible()
        vote(phone, "Flan")
        expect_counted(phone)
        assert ballots(stack, poll["id"]) == [[0]]


def test_a_form_opened_before_a_reset_votes_in_the_new_round_with_its_picks(open_page: Open, stack: Stack) -> None:
    poll = made(stack)
    phone = open_page(f"/vote/{poll['code']}", errors_allowed=True)
    phone.get_by_label("Cake").check()
    act(stack, poll, "reset")
    expect(phone.locator("[data-vote][data-epoch='1']")).to_be_visible()
    expect(phone.get_by_label("Cake")).to_be_checked()
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_a_page_that_the_phone_kept_of_an_older_round_says_nothing_of_counted(
    tabs: BrowserContext, stack: Stack
) -> None:
    """Its outbox still holds the receipt; the page that opens is of the new round."""
    poll, phone = voting(stack, tabs)
    phone.route(f"**/vote/{poll['code']}", lambda route: route.abort())  # the server's page does not come
    vote(phone, "Cake")
    expect_counted(phone)
    phone.unroute(f"**/vote/{poll['code']}")
    act(stack, poll, "reset")
    phone.reload()
    expect(phone.get_by_role("button", name="Vote", exact=True)).to_be_visible()
    wait_until(lambda: outbox(phone) == [], what="the old round's vote is forgotten")
    expect(phone.get_by_role("heading", name="Counted")).to_be_hidden()


# ------------------------------------------------------------------------------------------------------ from another site
def test_a_vote_that_is_changed_after_another_site_s_link_is_one(chromium: Browser, stack: Stack) -> None:
    """127.0.0.1 links to localhost, which to a browser is another site: cookies that are strict would not come along."""
    other = stack.url().replace("127.0.0.1", "localhost")
    assert other != stack.url()
    poll, second = made(stack, mayChange=True), made(stack, mayChange=True)
    context = chromium.new_context(base_url=other, viewport=PHONE, locale="en-US")
    try:
        page = context.new_page()
        page.goto(f"/vote/{poll['code']}")
        vote(page, "Cake")
        expect_counted(page)
        for wanted, choice in ((second, "Flan"), (poll, "Flan"), (second, "Cake")):
            page.goto(stack.url("web"))
            page.evaluate("(url) => { location.href = url; }", f"{other}/vote/{wanted['code']}")
            page.wait_for_url(f"**/vote/{wanted['code']}")
            page.wait_for_load_state()
            if page.get_by_role("heading", name="Counted").is_visible():
                with page.expect_navigation():
                    page.get_by_role("link", name="Change my vote").click()
                page.get_by_label(choice).check()
                page.get_by_role("button", name="Change my vote").click()
            else:
                vote(page, choice)
            expect(page.locator(".own-pick")).to_have_text(choice)
        assert ballots(stack, poll["id"]) == [[0]]
        assert ballots(stack, second["id"]) == [[1]]
    finally:
        context.close()
