"""Journeys 1 to 6 (open, join, wait, called, run the floor, close) in real browsers: hosts' tablets and guests' phones."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import TABLET, Open
from tests.browser.console_pages import menu, open_party, walk_in
from tests.browser.pages import expect_place, go_offline, join, open_line, party
from tests.installation import LiveLine, Stack, wait_until


def test_an_evening(open_page: Open) -> None:
    host = open_page(viewport=TABLET)
    code = open_line(host)
    host.get_by_text(code, exact=True).click()
    qr_code = host.get_by_role("img", name="QR code of the join link")
    expect(qr_code).to_be_visible()
    wait_until(lambda: qr_code.evaluate("image => image.complete && image.naturalWidth > 0"), what="the QR code")
    assert host.context.request.get(f"/queue/{code}/poster").ok
    host.keyboard.press("Escape")

    ana, ben = open_page(f"/queue/{code}"), open_page(f"/queue/{code}")
    join(ana, "Ana", 4)
    expect_place(ana, 1)
    join(ben, "Ben")
    expect_place(ben, 2)
    expect(host.get_by_text("Ben")).to_be_visible()

    # Called: the phone learns of it by polling, and the countdown runs.
    host.get_by_role("button", name="Call next: #1 Ana (4)").click()
    expect(ana.get_by_text("It’s your turn")).to_be_visible()
    expect(ana.locator("[data-countdown]")).to_have_text(re.compile("1:5[0-9]"))
    assert ana.title().startswith("● 1:5")
    ana.get_by_role("button", name="On my way").click()
    expect(ana.get_by_text("The host knows that you are on your way")).to_be_visible()
    expect(host.locator(".is-called").get_by_text("on the way")).to_be_visible()

    # Seated by mistake, undone, and then she is not there.
    host.get_by_role("button", name="Seat #1").click()
    expect(ana.get_by_role("heading", name="You are seated")).to_be_visible()
    expect_place(ben, 1)
    host.get_by_role("button", name="Undo: seated #1").click()
    expect(host.get_by_text("Undone: seated #1.")).to_be_visible()
    expect(ana.get_by_text("It’s your turn")).to_be_visible()
    host.get_by_role("button", name="No-show").click()
    expect(ana.get_by_role("heading", name="You were called, but were not there")).to_be_visible()
    host.get_by_text("Ended: 1").click()
    host.get_by_role("button", name="Put back #1").click()
    expect_place(ana, 1)
    expect_place(ben, 2)

    # Closed: all parties in it are told.
    menu(host).get_by_text("Close the line", exact=True).click()
    host.get_by_role("button", name="Close the line now").click()
    expect(host.get_by_text("This line is closed.")).to_be_visible()
    for guest in (ana, ben):
        expect(guest.get_by_role("heading", name="The line was closed")).to_be_visible()
    expect(open_page(f"/queue/{code}").get_by_role("heading", name="This line is closed")).to_be_visible()


def test_a_place_survives_reload_a_second_scan_and_another_browser(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    line.join("First")
    guest = open_page(f"/queue/{line.code}")
    join(guest, "Ana")
    address = guest.url
    assert "#place=" in address
    guest.reload()
    expect_place(guest, 2)
    guest.goto(f"/queue/{line.code}")
    expect_place(guest, 2)
    # The address, shared to another app's browser: the same place, and the id was in no request's address.
    elsewhere = open_page("")
    asked: list[str] = []
    elsewhere.on("request", lambda request: asked.append(request.url))
    elsewhere.goto(address)
    expect_place(elsewhere, 2)
    place = address.partition("#place=")[2]
    assert asked and not any(place in url.partition("#")[0] for url in asked)
    assert stack.sql("SELECT count(*) FROM queues_party WHERE queue_id = %s", line.session_id) == [{"count": 2}]


def test_without_a_place_the_ticket_page_leads_to_the_line(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}/ticket#place=00000000-0000-4000-8000-000000000000", errors_allowed=True)
    expect(guest.get_by_role("heading", name="This place is not known")).to_be_visible()
    guest.get_by_role("link", name="Join the line").click()
    join(guest, "Ana")


def test_two_consoles_stay_in_step_and_call_no_party_twice(open_page: Open, stack: Stack) -> None:
    one = open_page(viewport=TABLET)
    code = open_line(one)
    two = open_page("", viewport=TABLET, errors_allowed=True)  # a refusal is a 409, which the browser notes as an error
    two.context.add_cookies(one.context.cookies())  # type: ignore[arg-type]  # what it gave
    two.goto(one.url)
    walk_in(one).get_by_label("Name").fill("Ana")
    one.get_by_role("button", name="Add to the line").click()
    expect(two.get_by_role("button", name="Call next: #1 Ana (2)")).to_be_visible()
    expect(one.locator("[data-walk-in]")).to_be_hidden()
    walk_in(one).get_by_label("Name").fill("Ben")
    one.get_by_role("button", name="Add to the line").click()
    expect(party(two, "Ben")).to_be_visible()

    # What one host is typing stays while the other works.
    note = open_party(two, "Ben").get_by_label("Note")
    note.fill("by the window")
    # The second tablet is a moment behind: its button still means Ana.
    two.route("**/host/list", lambda route: route.abort())
    one.get_by_role("button", name="Call next: #1 Ana (2)").click()
    expect(one.locator(".is-called")).to_contain_text("Ana")
    two.get_by_role("button", name="Call next: #1 Ana (2)").click()
    expect(two.get_by_text("#1 was called by a host just now. Nothing was done.")).to_be_visible()
    expect(two.locator(".is-called")).to_contain_text("Ana")
    expect(note).to_have_value("by the window")
    calls = (
        "SELECT call_count FROM queues_party p JOIN queues_queue q ON q.id = queue_id WHERE code = %s ORDER BY ticket"
    )
    assert [row["call_count"] for row in stack.sql(calls, code)] == [1, 0]

    two.unroute("**/host/list")
    two.get_by_role("button", name="Save").click()
    expect(one.get_by_text("by the window")).to_be_visible()
    expect(two.locator("[data-party-pane]")).to_be_hidden()


def test_a_phone_without_network_says_so_and_shows_the_truth_when_it_is_back(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    first = line.join("First")
    guest = open_page(f"/queue/{line.code}", errors_allowed=True)
    join(guest, "Ana")
    expect_place(guest, 2)
    go_offline(guest, "/snapshot")
    expect(guest.get_by_text("No connection. Your place is kept")).to_be_visible()
    guest.get_by_role("button", name="I’m nearby").click()
    expect(guest.get_by_text("Not sent yet: no connection")).to_be_visible()
    line.post("leave", {"partyId": first["partyId"]})
    expect_place(guest, 2)
    guest.context.set_offline(False)
    expect_place(guest, 1)
    expect(guest.get_by_text("No connection. Your place is kept")).to_be_hidden()


def test_everything_a_guest_needs_works_without_javascript(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    line.join("First")
    guest = open_page(f"/queue/{line.code}", java_script_enabled=False)
    guest.get_by_label("Your name").fill("Ana")
    guest.get_by_label("How many are you?").fill("3")
    guest.get_by_role("button", name="Join the line").click()
    expect_place(guest, 2)
    guest.get_by_role("button", name="I’m nearby").click()
    expect(guest.get_by_text("The host knows that you are close")).to_be_visible()
    guest.get_by_role("link", name="Leave the line").click()
    guest.get_by_role("button", name="Leave the line").click()
    expect(guest.get_by_role("heading", name="You left the line")).to_be_visible()
    assert [each["name"] for each in line.snapshot(host=True).json()["queue"]] == ["First"]


def test_a_host_runs_the_floor_without_javascript(open_page: Open, stack: Stack) -> None:
    host = open_page(viewport=TABLET, java_script_enabled=False)
    code = open_line(host)
    line = LiveLine(stack, {"code": code, "sessionId": "", "hostAuthToken": ""})
    line.join("Ana")
    host.reload()
    host.get_by_role("button", name="Call next").click()
    expect(host.locator(".is-called")).to_contain_text("Ana")
    host.get_by_role("button", name="Seat #1").click()
    expect(host.get_by_role("button", name="Undo: seated #1")).to_be_visible()


def test_leaving_asks_first(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}")
    join(guest)
    guest.get_by_role("link", name="Leave the line").click()
    guest.get_by_role("link", name="Stay").click()
    expect_place(guest, 1)
    guest.get_by_role("link", name="Leave the line").click()
    guest.get_by_role("dialog").get_by_role("button", name="Leave the line").click()
    expect(guest.get_by_role("heading", name="You left the line")).to_be_visible()
    guest.get_by_role("link", name="Join again").click()
    join(guest)
    expect_place(guest, 1)
