"""Nothing on the console moves by itself: the button that a host is about to press stays under the finger."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import Open
from tests.browser.console_pages import crowd, expect_order, expect_state, guests_pane, walk_in
from tests.browser.pages import open_line, party
from tests.installation import LiveLine, Stack

SIZES: list[ViewportSize] = [
    {"width": 390, "height": 844},
    {"width": 768, "height": 1024},
    {"width": 1024, "height": 768},
]
LONG = "The kitchen closes at ten tonight, so please order all of your main courses as you sit down; the bar is open until one."
NOT_HOST = {"code": "not-host", "error": "This browser is not a host of this line any more. Nothing was changed."}
CALLED, WAITING, PAST = ".called-list", ".waiting-list", ".past"
# Where each thing stands that can be pressed, by what it does, and to which party: buttons' words change with the news.
BOXES = """lists => Object.fromEntries(
  [...document.querySelectorAll("button, summary, a, input:not([type=hidden]), select")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest(".skip"))
    .filter((each) => !lists.some((list) => each.closest("[data-party]") && each.closest(list)))
    .map((each) => {
      const row = each.closest("[data-party]")?.dataset.party ?? "";
      const form = each.closest("form")?.getAttribute("action") ?? "";
      const does = each.getAttribute("formaction") ?? each.getAttribute("href") ?? `${form} ${each.getAttribute("name") ?? ""}`;
      const { x, y, width, height } = each.getBoundingClientRect();
      const where = `${each.closest(".dock") ? "dock" : ""} ${row} ${each.localName}`;
      const words = each.localName === "summary" ? each.className : form ? "" : each.textContent.trim();
      return [`${where} ${does} ${words}`, [x, y, width, height].map(Math.round)];
    }))"""


@contextmanager
def still(hosts: list[Page], news: str, *lists: str) -> Iterator[None]:
    """What can be pressed before and after stands in the same place, as large as before. Only the rows of those `lists` may move
    which the news brings a party to or takes one from, or whose rows it fills. All whose place has ended are one list.
    """
    stood: list[dict[str, list[float]]] = [host.evaluate(BOXES, lists) for host in hosts]
    yield
    for host, before in zip(hosts, stood, strict=True):
        after: dict[str, list[float]] = host.evaluate(BOXES, lists)
        moved = {what: (box, after[what]) for what, box in before.items() if what in after and after[what] != box}
        assert not moved, f"{news} moves {moved} on {host.viewport_size}"
        assert len(before.keys() & after.keys()) > 15, "most of what can be pressed is there before and after"


def press(host: Page, button: str) -> None:
    """In one step, without scrolling: the list may be made anew between two. (Clicks without a place would be a double tap.)"""
    host.evaluate("button => { const it = document.querySelector(button); it.form.requestSubmit(it); }", button)


def test_no_news_moves_a_button(open_page: Open, stack: Stack) -> None:
    """On three screens at once, which are three tabs of a browser."""
    first = open_page(viewport=SIZES[0], errors_allowed=True)
    code = open_line(first)
    stack.sql("UPDATE queues_queue SET auto_no_show = true WHERE code = %s RETURNING code", code)
    hosts = [first, *(first.context.new_page() for _ in SIZES[1:])]
    for host, size in zip(hosts[1:], SIZES[1:], strict=True):
        host.set_viewport_size(size)
        host.goto(first.url)
    url = f"{stack.url()}/api/queue/{code}"
    token = first.locator("[data-console]").get_attribute("data-host-auth") or ""
    line, proof = LiveLine(stack, {"code": code, "sessionId": "", "hostAuthToken": token}), {"x-host-auth": token}

    def guest(action: str, **body: Any) -> Any:
        return httpx.post(f"{url}/{action}", json=body).raise_for_status().json()

    def other(action: str, **body: Any) -> None:
        """What a host does on another device."""
        httpx.post(f"{url}/{action}", json=body, headers=proof).raise_for_status()

    def join(name: str, size: int = 2) -> str:
        party_id: str = guest("join", name=name, size=size)["partyId"]
        for host in hosts:
            expect(party(host, name)).to_have_count(1)
        return party_id

    def expect_count(selector: str, count: int) -> None:
        for host in hosts:
            expect(host.locator(selector)).to_have_count(count)

    def expect_text(selector: str, text: str) -> None:
        for host in hosts:
            expect(host.locator(selector)).to_contain_text(text)

    def expect_said(text: str) -> None:
        for host in hosts:
            expect_state(host, text)

    def expect_seen(selector: str, seen: bool) -> None:
        for host in hosts:
            expect(host.locator(selector)).to_be_visible(visible=seen)

    def expect_newest() -> None:
        """All show the line's newest version, so that what comes next is the only news."""
        version = httpx.get(f"{url}/snapshot").json()["version"]
        for host in hosts:
            host.wait_for_function("newest => document.querySelector('.list').dataset.version >= newest", arg=version)

    names = ("Ann", "Ben", "Cem", "Dua", "Eve", "Hal", "Ida")
    ann, ben, cem, dua, eve, *others = crowd(line, *((name, 2) for name in names))
    for host in hosts:
        expect_order(host, *names)
    guest("leave", partyId=join("Fay"))
    expect_text(".ended-list", "Fay")
    with still(hosts, "a party that joins", WAITING):
        join(f"Gus {LONG}"[:80], size=12)
    with still(hosts, "a party that leaves", WAITING, PAST):
        guest("leave", partyId=eve)
        expect_text(".ended-list", "Eve")
    with still(hosts, "a call by another host", CALLED, WAITING):
        other("call", partyId=ann)
        expect_count(".is-called", 1)
    with still(hosts, "two more", CALLED, WAITING):
        other("call", partyId=ben)
        other("call", partyId=cem)
        expect_count(".is-called", 3)
    with still(hosts, "a called guest who is near and asks for time"):
        guest("declare-nearby", partyId=ann)
        guest("ask-more-time", partyId=ann)
        expect_text(".called-list", "asks for more time")
    with still(hosts, "a note", WAITING):
        other("edit", partyId=ann, note=LONG)
        other("edit", partyId=dua, note=LONG)
        expect_text(f"[data-party='{dua}']", LONG)
    with still(hosts, "a call that runs out", CALLED, PAST):
        stack.sql("UPDATE queues_party SET call_deadline = now() WHERE id = %s RETURNING id", ben)
        expect_text(".lapsed-list", "Ben")
    with still(hosts, "another one", CALLED, PAST):
        stack.sql("UPDATE queues_party SET call_deadline = now() WHERE id = %s RETURNING id", cem)
        expect_text(".lapsed-list", "Cem")
    for host in hosts:
        host.get_by_text("2 parties were ended by the clock").click()
        expect(host.get_by_role("button", name="Put back #2")).to_be_in_viewport()
    with still(hosts, "the last one that is called", CALLED, PAST):
        other("serve", partyId=ann)
        expect_count(".is-called", 0)
    for host in hosts:
        guests_pane(host)
    with still(hosts, "a long message"):
        other("message", text=LONG)
        expect_text(".message-now", LONG)
    for host in hosts:
        words = host.locator(".message-now p")
        whole = "each => each.scrollHeight <= each.clientHeight && each.scrollWidth <= each.clientWidth"
        assert words.evaluate(whole), "all of it can be read"
    with still(hosts, "a message that is taken back"):
        other("message", text="")
        expect_text(".message-now", "No message")
    with still(hosts, "a pause"):
        other("pause")
        expect_said("Paused")
    with still(hosts, "joining that goes on"):
        other("resume")
        expect_said("Open")
    for host in hosts:
        walk_in(host)
    with still(hosts, "a line that is full"):
        other("settings", maxGuests=1)
        expect_said("Full")
        for host in hosts:
            expect(host.get_by_role("button", name="Add although the line is full")).to_be_visible()
    with still(hosts, "an undo"):
        other("undo")
        expect_said("Open")
    with still(hosts, "the end of undoing"):
        for host in hosts:
            undo = host.locator("[data-undo-form] button")
            expect(undo).to_be_enabled()
            host.locator(".list").evaluate("list => { list.dataset.undoUntil = 0; }")
            expect(undo).to_be_disabled()
    for host, party_id, ticket in zip(hosts, (dua, *others), (4, 6, 7), strict=True):
        with still([host], "what is said of an action", WAITING, PAST):
            press(host, f"[data-party='{party_id}'] [formaction$='/seat']")
            expect(host.locator("[data-snack] [role=status]")).to_have_text(f"Seated #{ticket}.")
        expect_newest()
    for host in hosts:
        expect_count(".lapsed-list", 1)
        host.keyboard.press("Escape")
        host.locator(".ended-pane > summary").click()
        with still([host], "the end of a list that becomes shorter", PAST):
            press(host, ".lapsed-head button")
            expect(host.locator(".lapsed-list")).to_have_count(0)
        if host is not hosts[-1]:
            other("undo")
        expect_newest()
    with still(hosts, "a lost connection"):
        first.context.set_offline(True)
        expect_seen("[data-freshness]", True)
    for host in hosts:
        with still([host], "what is said without a connection"):
            press(host, "form[action$='/pause'] button")
            expect(host.get_by_text("kept until the network is back")).to_be_visible()
    with still(hosts, "a connection that is back"):
        first.context.set_offline(False)
        expect_seen("[data-freshness]", False)
        expect_said("Paused")
        expect_seen("[data-not-sent]", False)
    with still(hosts, "a sign-in that has ended"):
        refused = {"status": 403, "headers": {"x-unsent": "not-host"}, "json": NOT_HOST}
        first.context.route("**/host/list*", lambda route: route.fulfill(**refused))
        other("resume")
        expect_seen("[data-access]", True)
    with still(hosts, "a host again"):
        first.context.unroute("**/host/list*")
        expect_said("Open")
        expect_seen("[data-access]", False)
