"""The ticket page over an evening: without scripts, after what the host undoes and edits, and as every page counts places."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import TABLET, Open
from tests.browser.console_pages import menu, walk_in
from tests.browser.pages import console, expect_place, join
from tests.installation import LiveLine, Stack, wait_until

REFRESH = re.compile(r'(<meta http-equiv="refresh" content=")\d+')


def soon(route: Route) -> None:
    """The page as the server gives it, but that it looks again after one second."""
    answer = route.fetch()
    html, changed = REFRESH.subn(r"\g<1>1", answer.text())
    assert changed, "a ticket that looks again says when"
    route.fulfill(response=answer, body=html)


def plain_ticket(open_page: Open, line: LiveLine) -> Page:
    """A guest without scripts, at a ticket's address as it is given: with the place in its fragment."""
    guest = open_page(f"/queue/{line.code}", java_script_enabled=False)
    guest.get_by_role("button", name="Join the line").click()
    expect_place(guest, 1)
    assert "#place=" in guest.url
    guest.route("**/ticket", soon)
    return guest


def test_without_scripts_a_ticket_reloads_itself_and_its_address_keeps_the_place(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = plain_ticket(open_page, line)
    address = guest.url
    guest.reload()
    line.host("advance")
    expect(guest.get_by_text("It’s your turn")).to_be_visible()
    assert guest.url == address, "the place is in it, for another browser"
    line.host("undo")
    guest.get_by_role("link", name="Reload now").click()
    expect_place(guest, 1)
    guest.get_by_role("button", name="I’m nearby").click()
    expect(guest.get_by_text("The host knows that you are close")).to_be_visible()
    guest.get_by_role("link", name="Leave the line").click()
    guest.get_by_role("link", name="Stay").click()
    expect_place(guest, 1)
    guest.get_by_role("button", name="Español").click()
    expect(guest.get_by_text("Su lugar en la fila")).to_be_visible()
    assert guest.url == address, "and after each form and link"

    # A line that was closed may be opened again, and who was removed may be put back: such a page looks again, too.
    guest.reload()
    line.host("close")
    expect(guest.locator(".is-closed")).to_be_visible()
    guest.reload()
    line.host("undo")
    expect(guest.locator(".is-waiting")).to_be_visible()

    elsewhere = open_page(address)
    expect_place(elsewhere, 1)


def test_a_place_in_the_address_of_an_open_page_is_taken(open_page: Open, stack: Stack) -> None:
    """An address that differs in its fragment alone is no new page."""
    line = stack.open_line()
    ana = open_page(f"/queue/{line.code}")
    join(ana, "Ana")
    address = ana.url
    elsewhere = open_page(f"/queue/{line.code}/ticket")
    expect(elsewhere.get_by_role("heading", name="This browser has no place in this line")).to_be_visible()
    elsewhere.evaluate("address => { location.href = address; }", address)
    expect_place(elsewhere, 1)
    elsewhere.evaluate("location.hash = '#main'")  # as the link to the content does
    elsewhere.wait_for_url(address)


def test_an_open_ticket_shows_all_that_the_host_does_and_undoes(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    first = line.join("First")["partyId"]
    guest = open_page(f"/queue/{line.code}")
    join(guest, "Ana", 2)
    expect_place(guest, 2)
    party = {"partyId": guest.url.partition("#place=")[2]}

    line.host("edit", {**party, "name": "Ana Maria", "size": 5})
    expect(guest.locator(".line-name")).to_contain_text("Ana Maria · 5 guests")
    line.host("edit", {**party, "quoteLowMs": 40 * 60_000, "quoteHighMs": 50 * 60_000})
    expect_place(guest, 2, "40–50 min")
    line.host("undo")
    expect_place(guest, 2)
    line.host("undo")
    expect(guest.locator(".line-name")).to_contain_text("Ana · 2 guests")

    question = guest.locator("[data-asked]")
    expect(question).to_be_hidden()
    host = {"x-host-auth": line.token}
    poll = stack.open_poll(headers=host, title="Which dessert?", dedupe="ticket", line=line.code)
    expect(question).to_contain_text("Which dessert?")
    expect(question).to_have_attribute("href", f"/queue/{line.code}/vote/{poll['code']}")
    line.host("message", {"text": "The kitchen closes at ten"})
    expect(guest.locator("[data-message]")).to_have_text("The kitchen closes at ten")

    # Each end of a place or of the line, and back.
    for action, body, state in (
        ("close", None, "closed"),
        ("kick", party, "kicked"),
        ("serve", party, "served"),
    ):
        line.host(action, body)
        expect(guest.locator(f"body.is-{state}")).to_be_visible()
        line.host("undo")
        expect_place(guest, 2)
        expect(guest.locator("[data-message]")).to_be_visible()
    line.host("call", party)
    line.host("no-show", party)
    expect(guest.locator("body.is-no_show")).to_be_visible()
    line.host("put-back", party)
    expect_place(guest, 1)
    line.post("leave", party)
    expect(guest.locator("body.is-left")).to_be_visible()
    expect(question).to_be_hidden()
    line.host("put-back", party)
    expect_place(guest, 1)
    expect(question).to_be_visible()
    line.host("kick", {"partyId": first})

    # Of a guest who is reached by several ways, that the page shows a call counts as arrived.
    stack.sql("UPDATE queues_party SET has_contact = true WHERE id = %s", party["partyId"])
    guest.reload()
    guest.locator(".ticket-number").click()  # a page that nobody has touched may not vibrate
    line.host("call", party)
    shown = "SELECT count(*) AS n FROM reach_message WHERE way = 'page' AND state = 'delivered' AND party_id = %s"
    wait_until(lambda: stack.sql(shown, party["partyId"])[0]["n"] == 1, what="the page to say that it shows the call")


def test_a_late_guest_reads_so_and_says_that_they_come(open_page: Open, stack: Stack) -> None:
    line = stack.open_line(autoNoShow=False, autoAdvance=False, onMyWaySeconds=300)
    guest = open_page(f"/queue/{line.code}")
    join(guest, "Ana", 2)
    party = {"partyId": guest.url.partition("#place=")[2]}
    line.host("message-party", {**party, "text": "Are you still coming?"})
    expect(guest.locator("[data-own-message]")).to_have_text("The host writes to you: Are you still coming?")
    line.host("pause", {"reason": "Back at nine"})
    expect(guest.locator("[data-pause]")).to_have_text("No new guests right now: Back at nine")
    line.host("resume")
    expect(guest.locator("[data-pause]")).to_be_hidden()
    guest.get_by_role("button", name="I’m nearby").click()
    expect(guest.get_by_text("The host knows that you are close.")).to_be_visible()
    line.host("call", party)
    expect(guest.get_by_role("button", name="On my way")).to_be_visible()  # for it gives more time
    stack.sql("UPDATE queues_party SET call_deadline = now() - interval '1 s' WHERE id = %s", party["partyId"])
    expect(guest.get_by_text("the host knows that you are late")).to_be_visible()
    expect(guest.locator("[data-own-message]")).to_be_visible()
    guest.get_by_role("button", name="On my way").click()
    expect(guest.get_by_text("The host knows that you are on your way.")).to_be_visible()
    expect(guest.locator("[data-late]")).to_be_hidden()
    expect(guest.locator("[data-countdown]")).to_contain_text("4:5")
    line.host("serve", party)
    expect(guest.locator("[data-own-message]")).to_be_hidden()


def test_the_page_to_join_shows_what_the_line_is_now(open_page: Open, stack: Stack) -> None:
    line = stack.open_line(maxGuests=3)
    form, plain = open_page(f"/queue/{line.code}"), open_page(f"/queue/{line.code}", java_script_enabled=False)
    form.get_by_label("Your name").fill("Ana")
    for action, title, back in (
        ("close", "This line is closed", "undo"),
        ("pause", "No new guests right now", "resume"),
    ):
        line.host(action)
        expect(form.locator("[data-now]", has_text=title)).to_be_visible()
        away = open_page(f"/queue/{line.code}")
        expect(away.get_by_role("heading", name=title)).to_be_visible()
        plain.route(f"**/queue/{line.code}", soon)
        plain.reload()
        expect(plain.get_by_role("heading", name=title)).to_be_visible()
        plain.unroute(f"**/queue/{line.code}")
        line.host(back)
        for page in (away, plain):
            expect(page.get_by_role("button", name="Join the line")).to_be_visible()
        expect(form.locator("[data-now]", has_text=title)).to_be_hidden()
    party = line.join("Big", 3)
    expect(form.locator("[data-waiting]")).to_have_text("1")
    away = open_page(f"/queue/{line.code}")
    expect(away.get_by_role("heading", name="This line is full")).to_be_visible()
    line.post("leave", party)
    expect(away.get_by_role("button", name="Join the line")).to_be_visible()
    expect(form.get_by_label("Your name")).to_have_value("Ana")


def test_the_wall_and_the_console_come_back_when_a_close_is_undone(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    host = console(open_page("", viewport=TABLET), line)
    wall = open_page(f"/queue/{line.code}/wall", viewport=TABLET)
    line.host("walk-in", {"name": "Ana", "size": 2})
    expect(wall.locator("[data-next]")).to_have_text("1")
    menu(host).get_by_text("Close the line", exact=True).click()
    host.get_by_role("button", name="Close the line now").click()
    expect(wall.get_by_text("This line is closed")).to_be_visible()
    host.get_by_role("button", name="Undo: closed the line").click()
    expect(wall.locator("[data-next]")).to_have_text("1")
    expect(wall.get_by_text("This line is closed")).to_be_hidden()
    expect(host.get_by_role("button", name="Call next: #1 Ana (2)")).to_be_visible()
    expect(walk_in(host)).to_be_visible()
