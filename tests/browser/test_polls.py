"""Journeys 7 and 8 (ask the room, vote) in real browsers: a host's tablet, phones with and without scripts, a wall."""

import json
import re
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from polls.pages import labels
from tests.browser.conftest import TABLET, Open
from tests.browser.console_pages import menu
from tests.browser.pages import (
    QUESTION,
    assert_fits,
    ballots,
    expect_counted,
    go_offline,
    join,
    open_line,
    open_poll,
    outbox,
    poll_console,
    vote,
)
from tests.installation import Stack, wait_until

# However a page asks for it.
STREAM = re.compile(r"/stream(\?|$)")


def ask(host: Page, *choices: str, draft: bool = False) -> str:
    """Journey 7: the form for a new poll; its code."""
    host.get_by_role("link", name="Make a poll").click()
    host.wait_for_url("**/polls/new*")  # loaded: before its script is there, Enter sends the form
    host.get_by_label("Your question").fill(QUESTION)
    for number, choice in enumerate(choices, start=1):
        host.get_by_label(f"Choice {number}", exact=True).fill(choice)
        host.keyboard.press("Enter")
    if draft:
        host.get_by_text("More", exact=True).click()
        host.get_by_label("When it opens").select_option("no")
    host.get_by_role("button", name="Ask", exact=True).click()
    host.wait_for_url(re.compile(r"/polls/\w{6}/host$"))
    return host.url.split("/")[-2]


def expect_bar(page: Page, choice: str, count: int, percent: int) -> None:
    """What a bar says, and how long it is."""
    bar = page.locator("li.bar", has_text=choice)
    expect(bar.locator("[data-count]")).to_have_text(str(count))
    expect(bar.locator("[data-percent]")).to_have_text(f"{percent}%")
    expect(bar.locator(".bar-fill")).to_have_attribute("width", str(percent))


def test_a_room_is_asked(open_page: Open) -> None:
    host = open_page(viewport=TABLET)
    code = ask(host, "Flan", "Cake", "Crumble", "Sorbet", "Cheese", draft=True)
    phone = open_page(f"/vote/{code}", java_script_enabled=False)
    expect(phone.get_by_role("heading", name="Not open yet")).to_be_visible()
    host.get_by_role("button", name="Open the vote").click()
    expect(host.get_by_text("Open: votes are counted from now on.")).to_be_visible()
    wall = open_page(f"/vote/{code}/results", viewport=TABLET)
    qr_code = wall.get_by_role("img", name="QR code that leads to the vote")
    assert qr_code.evaluate("image => image.complete && image.naturalWidth > 0")

    # Without scripts, and with them.
    phone.get_by_role("link", name="Look again").click()
    vote(phone, "Cake")
    expect_counted(phone)
    other = open_page(f"/vote/{code}")
    vote(other, "Cheese")
    expect_counted(other)
    expect_bar(other, "Cake", 1, 50)

    # The wall, the other phone and the host's tablet were not touched.
    third = open_page(f"/vote/{code}")
    vote(third, "Cheese")
    for screen in (wall, other, host):
        expect(screen.locator("[data-ballots]")).to_have_text("3")
        expect_bar(screen, "Cheese", 2, 67)
        expect_bar(screen, "Cake", 1, 33)
    wall.emulate_media(forced_colors="active")  # bars are drawn in the reader's
    expect(wall.locator(".bar-room").first).to_have_css(
        "fill", wall.evaluate("getComputedStyle(document.body).backgroundColor")
    )

    host.get_by_text("Close the vote", exact=True).click()
    host.get_by_role("button", name="Close the vote now").click()
    expect(host.get_by_role("heading", name="Published digest")).to_be_visible()
    expect(wall.get_by_text("Closed", exact=True)).to_be_visible()
    expect(qr_code).to_have_count(0)
    expect(other.get_by_role("heading", name="The result")).to_be_visible()
    other.get_by_role("link", name="Check that it counts").click()
    expect(other.get_by_text("from your ballot to the published digest")).to_be_visible()
    late = open_page(f"/vote/{code}")
    expect(late.get_by_role("heading", name="This vote is closed")).to_be_visible()

    host.get_by_text("Reset", exact=True).click()
    host.get_by_role("button", name="Throw all votes away").click()
    expect(host.locator("[data-ballots]")).to_have_text("0")
    for screen in (wall, other, third, late):
        screen.close()  # what follows a poll is told that it is gone, which browsers note as an error
    host.get_by_text("Delete", exact=True).click()
    host.get_by_role("button", name="Delete this poll").click()
    expect(host.get_by_text(f"“{QUESTION}” was deleted.")).to_be_visible()


def test_a_vote_without_network_is_pending_and_is_counted_once(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack)
    phone = open_page(f"/vote/{poll['code']}", errors_allowed=True)
    phone.reload()
    phone.context.set_offline(True)
    vote(phone, "Cake")
    expect(phone.get_by_text("Not counted yet")).to_be_visible()
    expect(phone.get_by_role("heading", name="Counted")).to_have_count(0)
    phone.get_by_role("button", name="Try now").click()
    expect(phone.get_by_text("Not counted yet")).to_be_visible()
    assert ballots(stack, poll["id"]) == []
    phone.context.set_offline(False)
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]
    phone.reload()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_a_vote_whose_answer_was_lost_is_the_same_ballot_after_a_reload(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack, mayChange=True)
    phone = open_page(f"/vote/{poll['code']}", errors_allowed=True)
    phone.reload()
    sent: list[str] = []

    def lose_the_answer(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fetch()
        route.abort()

    phone.route("**/ballot", lose_the_answer)
    vote(phone, "Cake")
    expect(phone.get_by_text("Not counted yet")).to_be_visible()
    assert ballots(stack, poll["id"]) == [[1]], "the server had it"
    phone.unroute("**/ballot")
    # The tab is closed and opened again: the server's page knows.
    phone.goto("about:blank")
    phone.goto(f"/vote/{poll['code']}")
    expect_counted(phone)
    wait_until(lambda: outbox(phone) == [], what="nothing pending any more")

    # A change that never went out survives a closed tab, too.
    with phone.expect_navigation():  # until its scripts are there: without them the form would be sent by itself
        phone.get_by_role("link", name="Change my vote").click()
    phone.route("**/ballot", lambda route: route.abort())
    phone.get_by_label("Flan").check()
    phone.get_by_role("button", name="Change my vote").click()
    expect(phone.get_by_text("Not counted yet")).to_be_visible()
    phone.goto("about:blank")
    phone.unroute("**/ballot")
    phone.goto(f"/vote/{poll['code']}")
    expect(phone.locator(".own-pick")).to_have_text("Flan")
    assert ballots(stack, poll["id"]) == [[0]]
    assert len({json.loads(each)["ballotId"] for each in sent}) == 1


def test_a_refused_vote_says_why_and_is_not_sent_again(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack)
    phone = open_page(f"/vote/{poll['code']}", errors_allowed=True)
    headers = {"x-host-auth": poll["hostToken"]}
    assert httpx.post(f"{stack.url()}/api/polls/{poll['id']}/close", headers=headers).status_code == 200
    vote(phone, "Cake")
    expect(phone.get_by_text("This vote was not counted. This poll is closed.")).to_be_visible()
    wait_until(lambda: outbox(phone) == [], what="nothing to be sent again")
    assert ballots(stack, poll["id"]) == []


def test_the_wall_says_how_old_it_is_and_catches_up(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack)
    wall = open_page("", viewport=TABLET, errors_allowed=True)
    wall.route(STREAM, lambda route: route.abort())  # "offline" does not cut a stream that runs
    wall.goto(f"/vote/{poll['code']}/results")
    expect(wall.locator("[data-ballots]")).to_have_text("0")
    go_offline(wall, f"/{poll['id']}/results")
    expect(wall.get_by_text("No connection. What you see is")).to_be_visible()
    phone = open_page(f"/vote/{poll['code']}")
    vote(phone, "Flan")
    expect_counted(phone)
    expect(wall.locator("[data-ballots]")).to_have_text("0")
    wall.context.set_offline(False)
    expect(wall.locator("[data-ballots]")).to_have_text("1")
    expect(wall.get_by_text("No connection. What you see is")).to_be_hidden()


def test_without_a_stream_the_wall_is_kept_up_to_date_by_polling(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack)
    wall = open_page("", viewport=TABLET, errors_allowed=True)
    wall.route(STREAM, lambda route: route.abort())
    wall.goto(f"/vote/{poll['code']}/results")
    phone = open_page(f"/vote/{poll['code']}")
    vote(phone, "Flan")
    expect(wall.locator("[data-ballots]")).to_have_text("1")
    expect_bar(wall, "Flan", 1, 100)


def test_hidden_results_reach_no_screen_before_the_close(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack, visibility="after_close")
    wall = open_page(f"/vote/{poll['code']}/results", viewport=TABLET)
    phone = open_page(f"/vote/{poll['code']}")
    vote(phone, "Flan")
    expect_counted(phone)
    for screen in (wall, phone):
        expect(screen.get_by_text("The result is hidden until the close.")).to_be_visible()
    headers = {"x-host-auth": poll["hostToken"]}
    assert httpx.post(f"{stack.url()}/api/polls/{poll['id']}/close", headers=headers).status_code == 200
    for screen in (wall, phone):
        expect_bar(screen, "Flan", 1, 100)


def test_the_big_screen_of_a_hosts_browser_shows_the_public_view(open_page: Open, stack: Stack) -> None:
    """Cookies of the host go along with the page, its polling and its stream; none of it may show hidden counts."""
    poll = open_poll(stack, visibility="after_close")
    host = poll_console(open_page("", viewport=TABLET), stack, poll)
    expect(host.locator("[data-ballots]")).to_have_text("0")
    host.goto(f"/vote/{poll['code']}")
    vote(host, "Flan")
    expect_counted(host)
    for path in (f"/vote/{poll['code']}", f"/vote/{poll['code']}/results"):
        with host.expect_response(re.compile(r"/api/polls/[^/]+/results")) as told:
            host.goto(path)
        assert told.value.json()["hidden"]
        expect(host.locator("[data-ballots]")).to_have_count(0)
    expect(host.get_by_text("The result is hidden until the close.")).to_be_visible()
    headers = {"x-host-auth": poll["hostToken"]}
    assert httpx.post(f"{stack.url()}/api/polls/{poll['id']}/close", headers=headers).status_code == 200
    expect_bar(host, "Flan", 1, 100)


def test_people_in_line_are_asked_on_their_ticket(open_page: Open) -> None:
    host = open_page(viewport=TABLET)
    line = open_line(host)
    menu(host).get_by_role("link", name="New question").click()
    host.get_by_label("Your question").fill("Terrace or inside?")
    host.get_by_label("Choice 1", exact=True).fill("Terrace")
    host.get_by_label("Choice 2", exact=True).fill("Inside")
    host.get_by_role("button", name="Ask", exact=True).click()
    expect(host.get_by_text("Guests in the line find the question on their ticket.")).to_be_visible()
    guest = open_page(f"/queue/{line}")
    join(guest, "Ana")
    guest.reload()
    guest.get_by_role("link", name="The host asks").click()
    vote(guest, "Terrace")
    expect_counted(guest)
    expect_bar(host, "Terrace", 1, 100)
    guest.get_by_role("link", name="Back to your place in line").click()
    expect(guest.locator("[data-position]")).to_be_visible()


def test_nothing_scrolls_sideways_and_everything_can_be_tapped(open_page: Open, stack: Stack) -> None:
    small: ViewportSize = {"width": 360, "height": 640}
    host = open_page(viewport=small)
    code = ask(host, "W" * 255, "Donaudampfschifffahrtsgesellschaftskapitänsabendessen" * 4)
    assert_fits(host)
    for path in (f"/vote/{code}/results", "/polls/new"):
        host.goto(path)
        host.locator("summary, h1").last.click()
        assert_fits(host)
    guest = open_page(f"/vote/{code}", viewport=small)
    assert_fits(guest)
    vote(guest, "Donaudampf")
    expect_counted(guest)
    assert_fits(guest)
    guest.get_by_role("link", name="Check that it counts").click()
    expect(guest.get_by_text("Your ballot is in the count")).to_be_visible()
    assert_fits(guest)


@pytest.mark.parametrize("storage", [True, False], ids=["outbox", "form"])
def test_a_phone_does_the_work_that_a_poll_asks_for(open_page: Open, stack: Stack, *, storage: bool) -> None:
    poll = open_poll(stack, workBits=12)
    phone = open_page("")
    if not storage:  # private windows of some browsers have none
        phone.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    phone.goto(f"/vote/{poll['code']}")
    vote(phone, "Cake")
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_percent_are_rounded_alike_by_server_and_script(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack, choices=["Flan", "Cake", "Sorbet"])
    wall = open_page(f"/vote/{poll['code']}/results", viewport=TABLET)
    for cast, choice in enumerate([0, 1, 1, 2, 2, 2, 0, 1], start=1):
        body = {"ballotId": str(uuid4()), "choices": [choice], "token": str(uuid4())}
        assert httpx.post(f"{stack.url()}/api/polls/{poll['id']}/ballots", json=body).status_code == 201
        expect(wall.locator("[data-ballots]")).to_have_text(str(cast))
        by_script = wall.locator("[data-percent]").all_inner_texts()
        counts = [int(text) for text in wall.locator("[data-count]").all_inner_texts()]
        assert by_script == [f"{labels.percent(count, cast)}%" for count in counts]
