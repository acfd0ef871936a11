"""Nothing on the console moves by itself: the button that a host is about to press stays under the finger."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import Open
from tests.browser.pages import open_line, party
from tests.installation import Stack

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
      return [`${where} ${does} ${form ? "" : each.textContent.trim()}`, [x, y, width, height].map(Math.round)];
    }))"""


@contextmanager
def still(host: Page, news: str, *lists: str) -> Iterator[None]:
    """What can be pressed before and after stands in the same place, as large as before. Only the rows of those `lists` may move
    which the news brings a party to or takes one from, or whose rows it fills. All whose place has ended are one list.
    """
    before: dict[str, list[float]] = host.evaluate(BOXES, lists)
    yield
    after: dict[str, list[float]] = host.evaluate(BOXES, lists)
    moved = {what: (box, after[what]) for what, box in before.items() if what in after and after[what] != box}
    assert not moved, f"{news} moves {moved}"
    assert len(before.keys() & after.keys()) > 15, "most of what can be pressed is there before and after"


def press(host: Page, button: str) -> None:
    """In one step, without scrolling: the list may be made anew between two. (Clicks without a place would be a double tap.)"""
    host.evaluate("button => { const it = document.querySelector(button); it.form.requestSubmit(it); }", button)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_no_news_moves_a_button(open_page: Open, stack: Stack, size: ViewportSize) -> None:
    host = open_page(viewport=size, errors_allowed=True)
    code = open_line(host)
    url = f"{stack.url()}/api/queue/{code}"
    proof = {"x-host-auth": host.locator("[data-console]").get_attribute("data-host-auth") or ""}
    called, text, undo = (
        host.locator(".is-called"),
        host.locator(".message-now"),
        host.locator("[data-undo-form] button"),
    )

    def guest(action: str, **body: Any) -> Any:
        return httpx.post(f"{url}/{action}", json=body).raise_for_status().json()

    def other(action: str, **body: Any) -> None:
        """What a host does on another device."""
        httpx.post(f"{url}/{action}", json=body, headers=proof).raise_for_status()

    def join(name: str, size: int = 2) -> str:
        party_id: str = guest("join", name=name, size=size)["partyId"]
        expect(party(host, name)).to_have_count(1)
        return party_id

    ann, ben, cem, dua, eve = (join(name) for name in ("Ann", "Ben", "Cem", "Dua", "Eve"))
    guest("leave", partyId=join("Fay"))
    expect(host.locator(".ended-list")).to_contain_text("Fay")
    with still(host, "a party that joins", WAITING):
        join(f"Gus {LONG}"[:80], size=12)
    with still(host, "a party that leaves", WAITING, PAST):
        guest("leave", partyId=eve)
        expect(host.locator(".ended-list")).to_contain_text("Eve")
    with still(host, "a call by another host", CALLED, WAITING):
        other("call", partyId=ann)
        expect(called).to_have_count(1)
    with still(host, "two more", CALLED, WAITING):
        other("call", partyId=ben)
        other("call", partyId=cem)
        expect(called).to_have_count(3)
    with still(host, "a called guest who is near and asks for time"):
        guest("declare-nearby", partyId=ann)
        guest("ask-more-time", partyId=ann)
        expect(called.get_by_text("asks for more time")).to_be_visible()
    with still(host, "a note", WAITING):
        other("edit", partyId=ann, note=LONG)
        other("edit", partyId=dua, note=LONG)
        expect(party(host, "Dua")).to_contain_text(LONG)
    with still(host, "a call that runs out", CALLED, PAST):
        stack.sql("UPDATE queues_party SET call_deadline = now() WHERE id = %s RETURNING id", ben)
        expect(host.locator(".lapsed-list")).to_contain_text("Ben")
    with still(host, "another one", CALLED, PAST):
        stack.sql("UPDATE queues_party SET call_deadline = now() WHERE id = %s RETURNING id", cem)
        expect(host.locator(".lapsed-list")).to_contain_text("Cem")
    host.get_by_role("link", name="2 parties were ended by the clock").click()
    expect(host.get_by_role("button", name="Put back #2")).to_be_in_viewport()
    with still(host, "the last one that is called", CALLED, PAST):
        other("serve", partyId=ann)
        expect(called).to_have_count(0)
    with still(host, "a long message"):
        other("message", text=LONG)
        expect(text).to_contain_text(LONG)
    text.locator("p").focus()
    whole = text.locator("p").evaluate(
        "each => each.scrollHeight <= each.clientHeight && each.scrollWidth <= each.clientWidth"
    )
    assert whole, "all of it can be read"
    with still(host, "a message that is taken back"):
        other("message", text="")
        expect(text).to_contain_text("No message")
    with still(host, "a pause"):
        other("pause")
        expect(host.get_by_text("Paused: guests who scan")).to_be_visible()
    with still(host, "joining that goes on"):
        other("resume")
        expect(host.get_by_text("Open: guests who scan")).to_be_visible()
    with still(host, "a line that is full"):
        other("settings", maxGuests=1)
        expect(host.get_by_text("Full: guests who scan")).to_be_visible()
        expect(host.get_by_role("button", name="Add although the line is full")).to_be_visible()
    with still(host, "an undo"):
        other("undo")
        expect(host.get_by_text("Open: guests who scan")).to_be_visible()
    with still(host, "the end of undoing"):
        expect(undo).to_be_enabled()
        host.locator(".list").evaluate("list => { list.dataset.undoUntil = 0; }")
        expect(undo).to_be_disabled()
    with still(host, "what is said of an action", WAITING, PAST):
        press(host, f"[data-party='{dua}'] [formaction$='/seat']")
        expect(host.locator("[data-snack] [role=status]")).to_have_text("Seated #4.")
    with still(host, "the end of a list that becomes shorter", PAST):
        press(host, ".lapsed-head button")
        expect(host.locator(".lapsed-list")).to_have_count(0)
    with still(host, "a lost connection"):
        host.context.set_offline(True)
        expect(host.locator("[data-freshness]")).to_be_visible()
    with still(host, "what is said without a connection"):
        press(host, "form[action$='/pause'] button")
        expect(host.get_by_text("that was not sent, and will not be")).to_be_visible()
    with still(host, "a connection that is back"):
        host.context.set_offline(False)
        expect(host.locator("[data-freshness]")).to_be_hidden()
    with still(host, "a sign-in that has ended"):
        host.route(
            "**/host/list*", lambda route: route.fulfill(status=403, headers={"x-unsent": "not-host"}, json=NOT_HOST)
        )
        other("pause")
        expect(host.locator("[data-access]")).to_be_visible()
    with still(host, "a host again"):
        host.unroute("**/host/list*")
        expect(host.get_by_text("Paused: guests who scan")).to_be_visible()
        expect(host.locator("[data-access]")).to_be_hidden()
