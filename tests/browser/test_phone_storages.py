"""What phones do to a voting page: storages that hang, clocks that are set."""

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.pages import ballots, expect_counted, outbox, vote
from tests.browser.voting_phones import COUNTED, NOT_YET, busy, voting
from tests.installation import Stack, wait_until

KEPT_NOWHERE = "This browser stores nothing"


# Requests of the storage that are never answered.
HANGS = """
const never = () => Object.assign(Object.create(IDBOpenDBRequest.prototype), {
    addEventListener() {}, removeEventListener() {},
});
"""


FROM_THE_FIRST = f"{HANGS} IDBFactory.prototype.open = never;"


EACH_TRANSACTION = f"{HANGS} for (const name of ['get', 'getAll', 'put']) IDBObjectStore.prototype[name] = never;"


# A clock that a test sets (in ms), in this page and in all that are opened.
SET_CLOCK = """
const real = Date.now;
Date.now = () => real() + Number(localStorage.getItem("shift") ?? 0);
"""


DAY_MS = 86_400_000


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
    phone.unroute("**/ballot")
    phone.reload()
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
