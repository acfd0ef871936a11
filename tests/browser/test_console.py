"""The host's console in real browsers: two in step with each way of following, undo, order, a message to all, and
what happens without a network."""

import re

import httpx
import pytest
from playwright.sync_api import FloatRect, Locator, Page, Route, ViewportSize, expect

from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.console_pages import (
    expect_order,
    expect_state,
    guests_pane,
    menu,
    open_party,
    pause,
    run_line,
    tablet,
    walk_in,
)
from tests.browser.pages import assert_fits, expect_place, join, party
from tests.installation import Stack, wait_until

STANDING = """SELECT p.name, p.status, p.call_count FROM queues_party p JOIN queues_queue q ON q.id = p.queue_id
               WHERE q.code = %s ORDER BY p.rank, p.ticket"""


def test_what_is_typed_while_a_walk_in_is_on_its_way_stays(open_page: Open, stack: Stack) -> None:
    host = tablet(open_page, run_line(stack, "Ana"))
    held: list[Route] = []
    host.route("**/walk-in", lambda route: route.continue_() if held else held.append(route))
    form = walk_in(host)
    name, size, note = (form.get_by_label(label) for label in ("Name", "Guests", "Note"))
    name.fill("Ben")
    size.fill("4")
    note.fill("Window")
    add = form.get_by_role("button", name="Add to the line")
    add.click()
    expect(add).to_have_attribute("aria-busy", "true")
    name.fill("Cleo")
    note.focus()
    wait_until(lambda: host.evaluate("true") and held, what="the request")
    held[0].continue_()
    expect(party(host, "Ben")).to_contain_text("Window")
    expect(add).not_to_have_attribute("aria-busy", "true")
    expect(name).to_have_value("Cleo")
    expect(size).to_have_value("2")
    expect(note).to_have_value("")
    expect(note).to_be_focused()
    add.click()
    expect(party(host, "Cleo")).to_be_visible()
    expect(name).to_have_value("")
    expect(form).to_be_hidden()
    # A send of this browser's whose answer is lost, then the page loaded anew and the same text; then the same text on purpose.
    sent = {str(field.get_attribute("name")): field.input_value() for field in form.locator("input").all()}
    cookies = {cookie["name"]: cookie["value"] for cookie in host.context.cookies(host.url)}
    lost = httpx.post(
        f"{host.url}/walk-in", data={**sent, "name": "Dan"}, cookies=cookies, headers={"referer": host.url}
    )
    assert lost.status_code == 303
    host.reload()
    for text, how_many in (("This walk-in was added before, as ticket #4.", 1), ("Added, ticket #5.", 2)):
        walk_in(host)
        expect(name).to_be_focused()
        name.fill("Dan")
        add.click()
        expect(host.locator("[data-snack]").get_by_role("status")).to_contain_text(text)
        expect(party(host, "Dan")).to_have_count(how_many)
        expect(form.locator("[aria-busy]")).to_have_count(0)


@pytest.mark.parametrize(("without", "way"), [("", "socket"), ("socket", "events"), ("socket events", "poll")])
def test_what_one_console_does_the_other_shows(open_page: Open, stack: Stack, without: str, way: str) -> None:
    line = run_line(stack, "Ana")
    one = tablet(open_page, line)
    two = tablet(open_page, line, without=without, errors_allowed=True)
    expect(two.locator(f"[data-way={way}]")).to_be_visible()
    one.get_by_role("button", name="Call next: #1 Ana (2)").click()
    expect(two.locator(".is-called")).to_contain_text("Ana")
    two.get_by_role("button", name="Seat #1").click()
    expect(one.locator("[data-served]")).to_have_text("1")
    expect(two.get_by_text("No connection")).to_be_hidden()


def test_undo_says_in_its_own_place_what_it_takes_back_and_does_that(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben")
    host = tablet(open_page, line)
    said, undo = host.locator("[data-snack]").get_by_role("status"), host.locator("[data-undo-form] button")
    party(host, "Ana").get_by_role("button", name="Seat").click()
    expect(said).to_have_text("Seated #1.")
    expect(undo).to_have_text("Undo: seated #1")
    expect_order(host, "Ben")
    undo.click()
    expect(said).to_have_text("Undone: seated #1.")
    expect(undo).not_to_have_text("Undo: seated #1")
    expect_order(host, "Ana", "Ben")
    # After another host's newer action the words are of that one: what is undone is always what they say.
    party(host, "Ben").get_by_role("button", name="Seat").click()
    expect(undo).to_have_text("Undo: seated #2")
    pause(tablet(open_page, line))
    expect_state(host, "Paused")
    expect(undo).to_have_text("Undo: paused the line")
    # All that can be, in order: only the newest has a button.
    host.locator(".undo-pane > summary").click()
    listed = host.locator(".undo-list li")
    done = ("Paused the line", "Seated #2", "Added #2", "Added #1")
    expect(listed).to_have_text([re.compile(rf"^\s*{each} by a host, just now") for each in done])
    expect(host.locator(".undo-list button")).to_have_count(1)
    undo.click()
    expect_state(host, "Open")
    assert [row["status"] for row in stack.sql(STANDING, line.code)] == ["waiting", "served"]


@pytest.mark.parametrize("viewport", [TABLET, PHONE], ids=["tablet", "phone"])
def test_the_order_is_changed_by_dragging_and_by_keys(open_page: Open, stack: Stack, viewport: ViewportSize) -> None:
    line = run_line(stack, "Ana", "Ben", "Cem")
    host = tablet(open_page, line, viewport=viewport)
    status = host.locator("[data-snack]").get_by_role("status")
    grip = party(host, "Cem").get_by_role("button", name="Move #3")
    grip.press("ArrowUp")
    expect_order(host, "Ana", "Cem", "Ben")
    expect(status).to_have_text("#3 Cem is now in place 2.")
    expect(grip).to_be_focused()
    grip.press("ArrowUp")
    expect_order(host, "Cem", "Ana", "Ben")
    # News of the line may show the order before the answer to the move does.
    expect(status).to_have_text("#3 Cem is now in place 1.")
    grip.press("ArrowUp")
    expect(status).to_have_text("Already first in line.")
    grip.press("ArrowDown")
    expect_order(host, "Ana", "Cem", "Ben")

    drag(host, "Ben", "Ana")
    expect(status).to_have_text("#2 Ben is now in place 1.")
    expect_order(host, "Ben", "Ana", "Cem")
    assert [row["name"] for row in stack.sql(STANDING, line.code)] == ["Ben", "Ana", "Cem"]
    assert_fits(host)


def drag(host: Page, name: str, onto: str) -> None:
    """Drags a row by its grip to the upper edge of another."""
    grip = party(host, name).get_by_role("button", name="Move")
    grip.evaluate("grip => grip.scrollIntoView({ block: 'center' })")  # the list may be made anew at this moment
    begin, end = _box(grip), _box(party(host, onto))
    x, y = begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2
    host.mouse.move(x, y)
    host.mouse.down()
    host.mouse.move(x, y - 10)
    host.mouse.move(x, end["y"] + 8, steps=12)
    host.mouse.up()


def _box(shown: Locator) -> FloatRect:
    """Where it is on the page. While the list is made anew, for an instant, it is nowhere."""
    box: FloatRect = wait_until(shown.bounding_box)
    return box


def test_a_move_in_an_order_that_another_host_changed_is_not_made(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben", "Cem")
    one, two = tablet(open_page, line), tablet(open_page, line, errors_allowed=True)
    expect_order(two, "Ana", "Ben", "Cem")
    two.route("**/host/list", lambda route: route.abort())  # behind by a moment
    party(one, "Cem").get_by_role("button", name="Move #3").press("ArrowUp")
    expect_order(one, "Ana", "Cem", "Ben")
    party(two, "Ana").get_by_role("button", name="Move #1").press("ArrowDown")
    expect(two.get_by_text("Somebody else has changed the order meanwhile")).to_be_visible()
    expect_order(two, "Ana", "Cem", "Ben")
    assert [row["name"] for row in stack.sql(STANDING, line.code)] == ["Ana", "Cem", "Ben"]
    expect(two.locator(".is-moving")).to_have_count(0)


def test_a_message_reaches_the_tickets_and_is_cleared(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    host = tablet(open_page, line, viewport=PHONE)
    guest = open_page(f"/queue/{line.code}")
    join(guest, "Ana")
    pane = guests_pane(host)
    pane.get_by_label("Message").fill("The kitchen closes at <b>22:00</b>")
    pane.get_by_role("button", name="Send to all tickets").click()
    expect_state(host, "“The kitchen closes at <b>22:00</b>”")
    expect(pane.get_by_label("Message")).to_have_value("")
    guest.reload()
    expect(guest.get_by_text("The kitchen closes at <b>22:00</b>")).to_be_visible()
    expect_place(guest, 1)
    guests_pane(host).get_by_role("button", name="Clear the message").click()
    expect(pane.get_by_text("No message on the tickets.")).to_be_visible()
    expect(host.locator("[data-part=state]")).not_to_contain_text("kitchen")
    guest.reload()
    expect(guest.get_by_text("The kitchen closes")).to_be_hidden()


def test_without_a_network_nothing_is_shown_as_done_and_all_is_kept(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben")
    host = tablet(open_page, line, errors_allowed=True)
    host.context.set_offline(True)
    expect(host.get_by_text(re.compile(r"No connection: this is the line as it was \d+ s ago"))).to_be_visible()
    host.get_by_role("button", name="Call next").click()
    expect(host.get_by_text("kept until the network is back")).to_be_visible()
    party(host, "Ben").get_by_role("button", name="Move #2").press("ArrowUp")
    expect(host.locator(".is-moving")).to_have_count(0)
    expect_order(host, "Ana", "Ben")
    expect(host.locator("[data-not-sent-count]")).to_have_text("2 not sent")
    host.context.set_offline(False)
    expect(host.get_by_text("No connection: this is the line")).to_be_hidden()
    expect(host.locator(".is-called")).to_contain_text("Ana")
    expect(host.locator("[data-not-sent]")).to_be_hidden()
    assert [(row["name"], row["call_count"]) for row in stack.sql(STANDING, line.code)] == [("Ana", 1), ("Ben", 0)]


def test_a_double_tap_calls_one_party(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben", "Cem")
    host = tablet(open_page, line)
    host.get_by_role("button", name="Call next").dblclick(delay=60)
    expect(host.locator(".is-called")).to_have_count(1)
    pause(host)
    expect_state(host, "Paused")
    assert [row["call_count"] for row in stack.sql(STANDING, line.code)] == [1, 0, 0]


def test_news_that_come_under_a_finger_do_not_take_the_button_away(open_page: Open, stack: Stack) -> None:
    """The list is replaced as a whole: a press that began before and ended after would be no click."""
    line = run_line(stack, "Ana")
    host = tablet(open_page, line)
    guests_pane(host).get_by_role("button", name="Pause joining").hover()
    host.mouse.down()
    with host.expect_response(lambda answer: "/list" in answer.url) as news:
        line.join("Ben")
    news.value.finished()
    expect(party(host, "Ben")).to_have_count(0)
    host.mouse.up()
    expect_state(host, "Paused")
    expect(party(host, "Ben")).to_be_visible()


def test_hours_rules_and_a_quote_of_the_hosts_own(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana")
    host = tablet(open_page, line, errors_allowed=True)  # the browser notes a refusal as an error
    menu(host).get_by_text("Name, hours and rules").click()
    host.get_by_label("Time to come when called").select_option("10 minutes")
    host.get_by_label("Most guests in line").fill("40")
    host.get_by_label("Name of the line").fill("Late dinner")
    host.get_by_label("Where").fill("Terrace")
    assert_fits(host)
    host.locator(".line-settings").get_by_role("button", name="Save").click()
    expect(host.locator("[data-snack]").get_by_role("status")).to_have_text("Changed the line.")
    expect(host.get_by_role("heading", level=1)).to_have_text("Late dinner")
    rules = "SELECT call_window_s, max_guests, location FROM queues_queue WHERE code = %s"
    assert stack.sql(rules, line.code) == [{"call_window_s": 600, "max_guests": 40, "location": "Terrace"}]

    pane = open_party(host, "Ana")
    pane.get_by_label("At least").fill("30")
    pane.get_by_label("At most").fill("20")
    pane.get_by_role("button", name="Save").click()
    expect(host.get_by_text("The longer wait comes second.")).to_be_visible()
    pane.get_by_label("At most").fill("40")
    pane.get_by_role("button", name="Save").click()
    expect(party(host, "Ana")).to_contain_text("quoted 30–40 min")
    expect(pane).to_be_hidden()


def test_a_console_that_was_hidden_for_a_while_is_right_at_once(open_page: Open, stack: Stack) -> None:
    """The server goes away and comes back: the list is shown as stale, then up to date."""
    line = run_line(stack, "Ana")
    one = tablet(open_page, line, errors_allowed=True)
    wait_until(lambda: one.locator("[data-way=socket]").count())
    one.context.set_offline(True)
    expect(one.get_by_text("No connection: this is the line")).to_be_visible()
    two = tablet(open_page, line)
    two.get_by_role("button", name="Call next: #1 Ana (2)").click()
    expect(two.locator(".is-called")).to_contain_text("Ana")
    expect_order(one, "Ana")
    one.context.set_offline(False)
    expect(one.locator(".is-called")).to_contain_text("Ana")
    expect(one.locator("[data-way=socket]")).to_be_visible()
