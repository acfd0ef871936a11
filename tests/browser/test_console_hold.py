"""What a host holds in their hand: the list that is being dragged while news comes in."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.console_pages import expect_order, run_line, tablet
from tests.browser.pages import party
from tests.installation import FULL, Stack

DRAGS = 100 if FULL else 40


def grip_of(host: Page, name: str) -> tuple[float, float]:
    """The middle of a row's grip, scrolled to; asked in one step, for the list may be made anew between two."""
    at: list[float] = host.evaluate(
        """(name) => {
            const row = [...document.querySelectorAll(".waiting-list li")].find((each) => each.textContent.includes(name));
            const grip = row.querySelector("[data-grip]");
            grip.scrollIntoView({ block: "center" });
            const box = grip.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        name,
    )
    return at[0], at[1]


def top_of(host: Page, name: str) -> float:
    """The upper edge of a row, in one step as well."""
    top: float = host.evaluate(
        """(name) => [...document.querySelectorAll(".waiting-list li")]
            .find((each) => each.textContent.includes(name)).getBoundingClientRect().y""",
        name,
    )
    return top


@pytest.mark.faults
def test_many_drags_while_news_come_in(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ann", "Ben", "Cem")
    host = tablet(open_page, line)
    touch = host.context.new_cdp_session(host)
    for number in range(DRAGS):
        x, y = grip_of(host, "Ben")
        if number % 10 == 9:
            point = {"x": x, "y": y}
            touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 9}]})
            kind = "touchCancel" if number % 20 == 9 else "touchEnd"
        else:
            host.mouse.move(x, y)
            host.mouse.down()
            host.mouse.move(x, y - 6)
        if number % 10 < 3:
            line.post("leave", {"partyId": line.join(f"Guest {number}")["partyId"]})
        if number % 10 == 9:
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": []})
        else:
            host.mouse.move(x, y)
            host.mouse.up()
    line.join("The last")
    expect(party(host, "The last")).to_be_visible()
    expect(host.locator(".sortable-drag")).to_have_count(0)


def test_a_drag_that_is_given_up_holds_no_news_back(open_page: Open, stack: Stack) -> None:
    """By Escape with the button still down, and by a mouse that comes back without a button down: its end was not seen here."""
    line = run_line(stack, "Ann", "Ben", "Cem")
    host = tablet(open_page, line)
    host.evaluate(
        """() => {
            for (const end of ["pointerup", "mouseup", "touchend"])
                addEventListener(end, (event) => event.isTrusted && event.stopImmediatePropagation(), { capture: true });
        }"""
    )
    for name, end in (("Dua", lambda: host.keyboard.press("Escape")), ("Eve", lambda: host.mouse.move(600, 9))):
        begin, onto = grip_of(host, "Cem"), top_of(host, "Ann")
        host.mouse.move(*begin)
        host.mouse.down()
        host.mouse.move(begin[0], begin[1] - 9)
        host.mouse.move(begin[0], onto + 8, steps=8)
        expect(host.locator(".sortable-drag")).to_have_count(1)
        if name == "Eve":
            host.mouse.up()
        line.join(name)
        end()
        expect(party(host, name)).to_be_visible()
        expect_order(host, "Ann", "Ben", "Cem", *["Dua", "Eve"][: 1 + (name == "Eve")])
        expect(host.locator("[class*=sortable], .is-moving")).to_have_count(0)
        host.mouse.up()
