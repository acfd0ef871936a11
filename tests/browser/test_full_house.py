"""A full house: sixty parties on a tablet, upright and on its side, and on a phone; taps are counted (decision 0077)."""

import re

import pytest
from playwright.sync_api import Locator, Request, ViewportSize, expect

from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.console_pages import (
    crowd,
    expect_order,
    expect_state,
    guests_pane,
    open_party,
    run_line,
    tablet,
    walk_in,
)
from tests.browser.pages import assert_fits, party
from tests.installation import LiveLine, Stack

UPRIGHT: ViewportSize = {"width": 820, "height": 1180}
# A tablet whose keyboard takes half of the screen, and a phone on its side.
TYPING: ViewportSize = {"width": 1180, "height": 420}
ON_ITS_SIDE: ViewportSize = {"width": 844, "height": 390}
# How many of those waiting and called can be acted upon at once, without scrolling.
AT_ONCE = [(TABLET, 12, 6), (UPRIGHT, 12, 6), (PHONE, 7, 3), (TYPING, 4, 1), (ON_ITS_SIDE, 3, 1)]
# Parties whose whole row is seen, and whose buttons are what a finger would meet.
READY = """list => [...document.querySelectorAll(`${list} li[data-party]`)].filter((row) => {
    const box = row.getBoundingClientRect();
    const within = row.closest(".scroll").getBoundingClientRect();
    if (box.top < within.top - 1 || box.bottom > within.bottom + 1 || box.bottom > innerHeight) return false;
    const seen = [...row.querySelectorAll("button, a")].filter((each) => each.checkVisibility({ visibilityProperty: true }));
    return seen.length > 2 && seen.every((each) => {
        const { x, y, width, height } = each.getBoundingClientRect();
        return each.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    });
}).length"""
NAMES = ("Ana", "Ben", "Cem", "Dia", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon", "Kim", "Lee")


def full_house(stack: Stack) -> LiveLine:
    """Sixty that wait, of sizes 4, 3, 2, 8, 5 in turn, and eight that are called before them."""
    line = stack.open_line()
    # More than a line without a venue may hold.
    stack.sql("UPDATE queues_queue SET max_guests = 400 WHERE code = %s RETURNING code", line.code)
    parties = [(f"{NAMES[number % 12]} {number + 1}", (4, 3, 2, 8, 5)[number % 5]) for number in range(68)]
    crowd(line, *parties, called=8)
    return line


class Finger:
    """Taps, and counts them."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        what.tap()
        self.taps += 1


def test_what_is_needed_is_on_the_screen_with_sixty_parties(open_page: Open, stack: Stack) -> None:
    host = tablet(open_page, full_house(stack))
    for size, waiting, called in AT_ONCE:
        host.set_viewport_size(size)
        for scrolled in host.locator(".scroll").all():
            scrolled.evaluate("each => each.scrollTo(0, 0)")
        assert host.evaluate(READY, ".waiting-list") >= waiting, size
        assert host.evaluate(READY, ".called-list") >= called, size
        for scrolled in host.locator(".scroll").all():
            scrolled.evaluate("each => each.scrollTo(0, each.scrollHeight)")
        expect(party(host, "Hal 68")).to_be_in_viewport()
        tools = [host.get_by_role("button", name="Call next: #9 Ida 9 (8)"), host.locator("#search")]
        tools += [host.locator(".walk-in-pane > summary"), host.locator("[data-undo-form] button")]
        for tool in tools:
            expect(tool).to_be_in_viewport(ratio=1)
        party(host, "Hal 68").locator("[data-open]").click()
        expect(host.locator("[data-party-pane]")).to_be_in_viewport()
        for tool in tools:
            expect(tool).to_be_in_viewport(ratio=1)
            tool.hover(trial=True)  # nothing lies over it
        assert_fits(host)
        host.keyboard.press("Escape")
        expect(host.locator("[data-party-pane]")).to_be_hidden()


@pytest.mark.parametrize("viewport", [TABLET, PHONE], ids=["tablet", "phone"])
def test_tasks_of_a_full_house_take_few_taps(open_page: Open, stack: Stack, viewport: ViewportSize) -> None:
    host = tablet(open_page, full_house(stack), viewport=viewport)
    said = host.locator("[data-snack]").get_by_role("status")

    adding = Finger()
    adding.tap(host.locator(".walk-in-pane > summary"))
    host.keyboard.type("Zoe")  # the field has the focus
    adding.tap(host.get_by_role("button", name="3", exact=True))
    adding.tap(host.get_by_role("button", name="Add to the line"))
    expect(said).to_contain_text("Added, ticket #69.")
    expect(host.locator("[data-walk-in]")).to_be_hidden()
    assert adding.taps <= 3

    seating = Finger()
    seating.tap(host.get_by_role("button", name="1–2 guests"))
    first = host.locator(".waiting-list li[data-party]:visible").first
    expect(first.locator(".size")).to_contain_text("2 guests")
    seating.tap(first.get_by_role("button", name="Seat"))
    expect(said).to_have_text("Seated #13.")
    assert seating.taps <= 2
    host.get_by_role("button", name="1–2 guests").tap()

    finding = Finger()
    finding.tap(host.locator("#search"))
    host.keyboard.type("hal 68")
    found = host.locator(".waiting-list li[data-party]:visible")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Hal 68")
    expect(found.get_by_role("button", name="Call")).to_be_in_viewport()
    assert finding.taps <= 1


def test_what_is_looked_for_stays_while_the_line_goes_on(open_page: Open, stack: Stack) -> None:
    """A filter, an order and a selection hold over new lists; rows are dragged only when all stand in their order."""
    line = run_line(stack, "Ana", "Ben", "Zoë")
    line.host("walk-in", {"name": "Dia", "size": 6, "note": "by the window"})
    stack.sql(
        "UPDATE queues_party SET joined_at = joined_at - interval '50 min', quote_high_ms = 1200000 "
        "WHERE name = 'Zoë' AND queue_id = %s RETURNING id",
        line.session_id,
    )
    host = tablet(open_page, line)
    shown, found = host.locator(".waiting-list .name:visible"), host.locator("[data-found]")
    host.locator("#search").fill("zoe")
    expect(shown).to_have_text(["Zoë"])
    host.locator("#search").fill("window")
    expect(shown).to_have_text(["Dia"])
    expect(found).to_have_text("1 of 4")
    line.join("Eve")
    expect(found).to_have_text("1 of 5")
    expect(shown).to_have_text(["Dia"])
    expect(host.locator("#search")).to_be_focused()
    host.locator("#search").fill("nobody")
    host.get_by_role("button", name="Show all").click()
    expect(shown).to_have_count(5)
    host.get_by_role("button", name="Over quote").click()
    expect(shown).to_have_text(["Zoë"])
    host.get_by_role("button", name="Over quote").click()
    host.get_by_role("button", name="Latest first").click()
    expect(shown.first).to_have_text("Zoë")
    expect(host.locator("[data-grip]:visible")).to_have_count(0)
    line.join("Fay")
    expect(shown).to_have_count(6)
    expect(shown.first).to_have_text("Zoë")
    host.get_by_role("button", name="Latest first").click()
    expect_order(host, "Ana", "Ben", "Zoë", "Dia", "Eve", "Fay")
    expect(host.locator("[data-grip]:visible")).to_have_count(6)


def test_one_action_for_several_parties(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben", "Cem", "Dia")
    host = tablet(open_page, line, errors_allowed=True)  # a refusal is an error to the browser
    host.get_by_role("button", name="Select").click()
    for name in ("Ana", "Cem", "Dia"):
        party(host, name).get_by_label("Select").check()
    line.join("Eve")
    expect(party(host, "Eve")).to_be_visible()
    expect(host.locator("[data-pick]:checked")).to_have_count(3)
    # Another host was faster with one of them: that one is said, the others are done.
    sent: list[Request] = []
    host.on("request", lambda request: sent.append(request) if request.url.endswith("/actions") else None)
    host.route("**/host/list", lambda route: route.continue_() if sent else route.abort())
    line.host("call", {"partyId": party(host, "Cem").get_attribute("data-party")})
    host.locator("[data-several]").get_by_role("button", name="Seat").click()
    said = host.locator("[data-snack]").get_by_role("status")
    expect(said).to_contain_text(re.compile(r"Seated 2 parties\. .*#3 was called by another host"))
    expect(host.locator(".waiting-list .name")).to_have_text(["Ben", "Eve"])
    expect(host.locator(".is-called")).to_contain_text("Cem")
    # The same words to several; Ben is a walk-in.
    host.locator("[data-select-end]").click()
    host.get_by_role("button", name="Select").click()
    for name in ("Ben", "Eve"):
        party(host, name).get_by_label("Select").check()
    host.get_by_role("button", name="Message", exact=True).click()
    message = host.get_by_role("form", name="Message to the selected parties")
    message.get_by_label("Ready-made messages").select_option(index=1)
    message.get_by_role("button", name="Send").click()
    expect(said).to_have_text("Message sent to 1 party. 1 party without a phone: tell them.")
    expect(party(host, "Eve").get_by_text("You wrote to them.")).to_be_attached()
    expect(party(host, "Ben").get_by_text("You wrote to them.")).to_have_count(0)


def test_a_party_is_moved_and_changed_in_its_pane(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben", "Cem", "Dia", "Eve")
    host = tablet(open_page, line)
    pane = host.locator("[data-party-pane]")
    party(host, "Eve").locator("[data-open]").click()
    expect(pane.get_by_role("heading", level=2)).to_be_focused()
    pane.get_by_role("button", name="To the top").click()
    expect_order(host, "Eve", "Ana", "Ben", "Cem", "Dia")
    expect(pane.get_by_role("button", name="To the top")).to_be_disabled()
    pane.get_by_label("Behind").select_option("#3 Cem")
    pane.get_by_role("button", name="Move behind that party").click()
    expect_order(host, "Ana", "Ben", "Cem", "Eve", "Dia")
    pane.get_by_label("To place").fill("2")
    pane.get_by_role("button", name="Move #5 there").click()
    expect_order(host, "Ana", "Eve", "Ben", "Cem", "Dia")
    # What is typed stays while the line goes on, and the pane closes when the party has gone.
    pane.get_by_label("Note").fill("high chair")
    line.join("Fay")
    expect(party(host, "Fay")).to_be_visible()
    expect(pane.get_by_label("Note")).to_have_value("high chair")
    pane.get_by_role("button", name="Save").click()
    expect(party(host, "Eve")).to_contain_text("high chair")
    expect(pane).to_be_hidden()
    expect(party(host, "Eve").locator("[data-open]")).to_be_focused()
    host.keyboard.press("Enter")
    expect(pane.get_by_label("Note")).to_have_value("high chair")
    line.host("kick", {"partyId": party(host, "Eve").get_attribute("data-party")})
    expect(pane).to_be_hidden()


def test_a_pane_at_a_time_and_escape_leads_back(open_page: Open, stack: Stack) -> None:
    host = tablet(open_page, run_line(stack, "Ana"))
    form = walk_in(host)
    expect(form.get_by_label("Name")).to_be_focused()
    host.locator(".code-button").click()
    expect(host.get_by_alt_text("QR code of the join link")).to_be_visible()
    expect(form).to_be_hidden()
    host.keyboard.press("Escape")
    expect(host.get_by_alt_text("QR code of the join link")).to_be_hidden()
    expect(host.locator(".code-button")).to_be_focused()


def test_what_a_host_sets_and_writes_is_seen_where_they_look(open_page: Open, stack: Stack) -> None:
    """Why the line is paused, a wait set by hand, the words to one guest."""
    line = run_line(stack)
    ana = line.join("Ana")
    host = tablet(open_page, line)
    pane = guests_pane(host)
    pane.locator("#pause-reason").fill("The kitchen catches up")
    pane.get_by_role("button", name="Pause joining").click()
    expect_state(host, "Paused: The kitchen catches up")
    expect(pane.get_by_role("button", name="Resume joining")).to_be_hidden()
    guests_pane(host).get_by_label("From").fill("40")
    pane.get_by_label("to", exact=True).fill("60")
    pane.get_by_role("button", name="Set", exact=True).click()
    expect(host.locator(".glance .by-hand")).to_contain_text("40–60 min")
    expect(host.locator(".guests-pane[open]")).to_have_count(0)  # by itself, once the answer is there
    guests_pane(host).get_by_role("button", name="Clear the wait").click()
    expect(host.locator(".glance .by-hand")).to_have_count(0)

    one = open_party(host, "Ana")
    one.get_by_label("Ready-made messages").select_option(index=1)
    one.get_by_role("button", name="Send to #1").click()
    expect(party(host, "Ana").get_by_text("You wrote to them.")).to_be_attached()
    row = stack.sql("SELECT message FROM queues_party WHERE id = %s", ana["partyId"])
    assert row[0]["message"] == "Your table is almost ready. Please stay close."
    open_party(host, "Ana").get_by_role("button", name="Clear their message").click()
    expect(party(host, "Ana").get_by_text("You wrote to them.")).to_have_count(0)


@pytest.mark.parametrize("viewport", [TABLET, PHONE], ids=["tablet", "phone"])
def test_without_scripts_a_party_has_a_page(open_page: Open, stack: Stack, viewport: ViewportSize) -> None:
    line = run_line(stack, "Ana", "Ben")
    host = tablet(open_page, line, viewport=viewport, java_script_enabled=False)
    assert_fits(host)
    for button in host.locator(".row .party-actions .button").all():
        button.click(trial=True)
    party(host, "Ben").locator(".about").click()
    assert_fits(host)
    host.get_by_role("button", name="To the top").click()
    expect_order(host, "Ben", "Ana")
    host.locator(".walk-in-pane > summary").click()
    host.locator("[data-walk-in]").get_by_label("Name").fill("Cem")
    host.get_by_role("button", name="Add to the line").click()
    expect_order(host, "Ben", "Ana", "Cem")
