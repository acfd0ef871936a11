"""What makes the pages good on a phone: size, weight, polling, notifications."""

import gzip

import pytest
from playwright.sync_api import Response, Route, expect

from tests.browser.conftest import Open
from tests.browser.pages import assert_fits, join, open_line, push
from tests.live import Stack

pytestmark = pytest.mark.whole_browser  # push


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
    host.locator("[data-walk-in]").get_by_label("Name").fill("M" * 80)
    host.get_by_role("button", name="Add to the line").click()
    expect(host.get_by_text("Added, ticket #1.")).to_be_visible()
    host.locator(".party-more summary").click()
    assert_fits(host)


def test_the_first_place_is_shown_within_40_kb(open_page: Open, stack: Stack) -> None:
    """Quality S12: everything fetched from the QR code to the first place shown, compressed as the proxy does."""
    line = stack.open_line()
    guest = open_page("/")
    bodies: dict[str, int] = {}

    def weigh(answer: Response | None) -> None:
        if answer and answer.status == 200:
            bodies[answer.url] = len(gzip.compress(answer.body(), 6)) + 400

    guest.on("requestfinished", lambda request: weigh(request.response()))
    guest.goto(f"/queue/{line.code}")
    with guest.expect_response(lambda answer: "/snapshot" in answer.url and answer.status == 304):
        join(guest)
    assert len(bodies) > 5 and sum(bodies.values()) <= 40 * 1024, bodies


def test_notifications_are_explained_asked_for_and_shown(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page("/", permissions=["notifications"])
    # No push service answers here: the browser's own part of subscribing is played.
    guest.add_init_script(
        """PushManager.prototype.getSubscription = async () => null;
        PushManager.prototype.subscribe = async (options) =>
            ({ endpoint: "https://push.example/1", keys: { p256dh: "p", auth: "a" }, asked: options.userVisibleOnly });"""
    )
    sent: list[dict[str, object]] = []

    def take(route: Route) -> None:
        sent.append(route.request.post_data_json or {})
        route.fulfill(body="ok")

    guest.route(
        "**/api/push/vapid", lambda route: route.fulfill(json={"publicKey": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4"})
    )
    guest.route("**/api/push/subscribe", take)
    guest.goto(f"/queue/{line.code}")
    join(guest)
    guest.get_by_role("button", name="Notify me when it’s my turn").click()
    expect(guest.get_by_text("Nothing else, and it ends with your place")).to_be_visible()
    assert sent == []
    guest.get_by_role("button", name="Allow notifications").click()
    expect(guest.get_by_text("This phone will be notified.")).to_be_visible()
    assert sent[0]["sessionId"] == line.session_id and sent[0]["partyId"] == guest.url.partition("#place=")[2]
    assert sent[0]["subscription"]["endpoint"] == "https://push.example/1"  # type: ignore[index]
    guest.reload()
    expect(guest.get_by_text("This phone will be notified.")).to_be_visible()

    # What the server would push is shown, by the worker that rules over the whole site.
    scope = guest.evaluate("navigator.serviceWorker.ready.then((there) => there.scope)")
    assert scope == f"{stack.url()}/"
    message = {"title": "It is your turn", "body": "Friday", "url": f"/queue/{line.code}/ticket", "kind": "called"}
    shown = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .some((each) => each.title === "It is your turn" && each.requireInteraction)"""
    push(guest, message, shown)


def test_the_api_page_shows_what_there_is(open_page: Open) -> None:
    """Under the same policy as all pages: its scripts come from us, its one inline style by its hash."""
    page = open_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/api/docs")
    expect(page.get_by_text("/api/queue/create")).to_be_visible()
    assert [line for line in said if "Content Security Policy" in line] == []
