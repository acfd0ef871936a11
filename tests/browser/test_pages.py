"""What makes the pages good on a phone: size, weight, polling, notifications."""

import gzip
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, Response, Route, expect

from push.receipts import Receipt
from tests.browser.conftest import Open
from tests.browser.console_pages import open_party, walk_in
from tests.browser.pages import assert_fits, join, open_line, push
from tests.installation import Stack, wait_until


def test_the_snapshot_is_polled_without_cookies_and_mostly_answered_304(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}")
    join(guest)
    with guest.expect_response(lambda answer: "/snapshot" in answer.url and answer.status == 304) as polled:
        pass
    sent = polled.value.request.all_headers()
    assert "cookie" not in sent and sent["if-none-match"]
    assert "?" not in polled.value.url


def test_nothing_scrolls_sideways_and_everything_can_be_tapped(open_page: Open, stack: Stack) -> None:
    line = stack.open_line(eventName="Donaudampfschifffahrtsgesellschaftskapitänsabendessen" * 2)
    line.join("Wolfeschlegelsteinhausenbergerdorff" * 2, 12)
    guest = open_page(f"/queue/{line.code}", viewport={"width": 360, "height": 640})
    assert_fits(guest)
    join(guest, "x" * 80)
    assert_fits(guest)
    host = open_page(viewport={"width": 360, "height": 640})
    assert_fits(host)
    open_line(host, "W" * 120)
    walk_in(host).get_by_label("Name").fill("M" * 80)
    assert_fits(host)
    host.get_by_role("button", name="Add to the line").click()
    expect(host.get_by_text("Added, ticket #1.")).to_be_visible()
    assert_fits(host)
    expect(open_party(host, "M" * 80)).to_be_visible()
    assert_fits(host)


def test_the_first_place_is_shown_within_40_kb(open_page: Open, stack: Stack) -> None:
    """Quality S12: everything fetched from the QR code to the first place shown, compressed as the proxy does."""
    line = stack.open_line()
    guest = open_page("")
    bodies: dict[str, int] = {}

    def weigh(answer: Response | None) -> None:
        if answer and answer.status == 200:
            bodies[answer.url] = len(gzip.compress(answer.body(), 6)) + 400

    guest.on("requestfinished", lambda request: weigh(request.response()))
    guest.goto(f"/queue/{line.code}")
    with guest.expect_response(lambda answer: "/snapshot" in answer.url and answer.status == 304):
        join(guest)
    assert len(bodies) > 5 and sum(bodies.values()) <= 40 * 1024, bodies


# A browser that subscribes, and whose permission is `window.permission`: no push service answers here.
SUBSCRIBING = """
const found = () => JSON.parse(localStorage.getItem("played"));
const played = (it) => it && { ...it, unsubscribe: async () => localStorage.removeItem("played"),
    options: { applicationServerKey: new Uint8Array(it.asked).buffer } };
PushManager.prototype.getSubscription = async () => played(found());
PushManager.prototype.subscribe = async (options) => {
    const n = Number(localStorage.getItem("n") ?? 0) + 1;
    localStorage.setItem("n", n);
    const made = { endpoint: `https://push.example/${n}`, keys: { p256dh: "p", auth: "a" },
        asked: [...options.applicationServerKey] };
    localStorage.setItem("played", JSON.stringify(made));
    return played(made);
};
window.permission = "granted";
Object.defineProperty(Notification, "permission", { get: () => window.permission });
"""


def look(guest: Page, asks: str) -> None:
    """The page is looked at again, and asks the server this."""
    with guest.expect_response(f"**/api/push/{asks}"):
        guest.evaluate("dispatchEvent(new Event('focus'))")


def expect_state(guest: Page, part: str, *, subscription: str) -> None:
    """The page says this of its notifications, and nothing else; `subscription`: how many were made until now."""
    expect(guest.locator("[data-push] > :visible")).to_have_count(1)
    expect(guest.locator(f"[data-push-{part}]")).to_be_visible()
    guest.wait_for_function("n => localStorage.getItem('n') === n", arg=subscription)


@pytest.mark.whole_browser  # push
def test_notifications_are_explained_asked_for_and_shown(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page("", worker=True, permissions=["notifications"])
    # No push service answers here: the browser's own part of subscribing is played, and the server's rows.
    guest.add_init_script(SUBSCRIBING)
    rows: set[str] = set()
    key = ["BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4"]
    arrived: list[bool | None] = [None]
    sent: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        body = route.request.post_data_json or {}
        match route.request.url.rpartition("/")[2]:
            case "vapid":
                route.fulfill(json={"publicKey": key[0]})
            case "status":
                told = {"subscribed": body.get("endpoint") in rows, "wanted": bool(sent), "arrived": arrived[0]}
                route.fulfill(json={**told, "publicKey": key[0]})
            case "renew":
                route.fulfill(body="ok")
            case _:
                sent.append(body)
                rows.add(body["subscription"]["endpoint"])
                route.fulfill(body="ok")

    guest.route("**/api/push/*", answer)
    guest.goto(f"/queue/{line.code}")
    join(guest)
    guest.get_by_role("button", name="Notify me when it’s my turn").click()
    expect(guest.get_by_text("Nothing else, and it ends with your place")).to_be_visible()
    assert sent == []
    guest.get_by_role("button", name="Allow notifications").click()
    expect(guest.get_by_text("This phone will be notified.")).to_be_visible()
    assert sent[0]["sessionId"] == line.session_id and sent[0]["partyId"] == guest.url.partition("#place=")[2]
    assert rows == {"https://push.example/1"}
    guest.reload()
    expect(guest.get_by_text("This phone will be notified.")).to_be_visible()
    assert len(sent) == 1

    # The server has dropped it, for its push service says that it is dead: another is made as soon as the page is looked at.
    rows.clear()
    look(guest, "subscribe")
    expect_state(guest, "on", subscription="2")
    assert rows == {"https://push.example/2"}
    # The browser has dropped it, or its worker; then our key has changed.
    guest.evaluate("localStorage.removeItem('played')")
    look(guest, "subscribe")
    expect_state(guest, "on", subscription="3")
    key[0] = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry5"
    look(guest, "subscribe")
    expect_state(guest, "on", subscription="4")
    assert rows >= {"https://push.example/3", "https://push.example/4"}
    # A permission that was taken back is said, and asked for again where the browser asks.
    for permission, state in (("denied", "blocked"), ("default", "lost"), ("granted", "on")):
        guest.evaluate("to => { window.permission = to; dispatchEvent(new Event('focus')); }", permission)
        expect_state(guest, state, subscription="4")

    # The browser has forgotten all; the server knows that this party was to be told, and whether messages arrive.
    guest.evaluate("localStorage.clear(); localStorage.setItem('n', '4')")
    look(guest, "subscribe")
    expect_state(guest, "on", subscription="5")
    for so, state in ((False, "unsure"), (True, "proven")):
        arrived[0] = so
        look(guest, "status")
        expect_state(guest, state, subscription="5")

    # What the server would push is shown, by the worker that rules over the whole site, which sends the receipt.
    scope = guest.evaluate("navigator.serviceWorker.ready.then((there) => there.scope)")
    assert scope == f"{stack.url()}/"
    party = UUID(sent[0]["partyId"])
    line.host("advance")
    [row] = stack.sql(
        "INSERT INTO push_subscription "
        "(id, endpoint, p256dh, auth, queue_id, party_id, language, version, created_at, changed_at) "
        "SELECT gen_random_uuid(), 'https://push.example/5', 'p', 'a', queue_id, id, 'en', 1, now(), now() FROM queues_party "
        "WHERE id = %s RETURNING id",
        party,
    )
    message = {"title": "It is your turn", "body": "Friday", "url": f"/queue/{line.code}/ticket", "kind": "called"}
    message["receipt"] = Receipt(row["id"], "called", 1, 0).written(party)
    shown = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .some((each) => each.title === "It is your turn" && each.requireInteraction)"""
    push(guest, message, shown)
    received = "SELECT kind FROM push_delivery WHERE received_at IS NOT NULL"
    assert wait_until(lambda: stack.sql(received), what="the receipt") == [{"kind": "called"}]


@pytest.mark.whole_browser  # which offers notifications
def test_notifications_are_offered_until_the_call(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}")
    join(guest)
    expect(guest.get_by_role("button", name="Notify me when it’s my turn")).to_be_visible()
    line.host("advance")
    expect(guest.get_by_text("It’s your turn")).to_be_visible()
    expect(guest.get_by_role("button", name="Notify me when it’s my turn")).to_be_hidden()
