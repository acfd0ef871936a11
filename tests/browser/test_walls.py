"""Walls of lines in real browsers: screens without input, read from afar."""

from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.console_pages import crowd
from tests.browser.pages import a_host, assert_fits, go_offline, sign_in
from tests.browser.walls import TV, assert_one_screen, over_the_screen
from tests.installation import Stack, wait_until

MESSAGE = "The kitchen is behind by ten minutes. Thank you for your patience, the first drink is on the house! " * 2
HEBREW = "המטבח מאחר בכעשר דקות. תודה על הסבלנות"
SCREENS = [
    TV,
    ViewportSize(width=1280, height=720),
    ViewportSize(width=3840, height=2160),
    ViewportSize(width=1080, height=1920),
]
# Set before the wall's script reads it, as conftest.py does with the polling.
TURNED_QUICKLY = """document.addEventListener("readystatechange", () => {
  for (const list of document.querySelectorAll("[data-turn-ms]")) list.dataset.turnMs = "150";
});"""


def expect_tickets(wall: Page, called: list[int], following: list[int]) -> None:
    """The cards, newest first, and who is next."""
    expect(wall.locator("[data-called] > li")).to_have_text([str(ticket) for ticket in called])
    expect(wall.locator("[data-next] > li")).to_have_text([str(ticket) for ticket in following])


def test_a_lines_wall_follows_the_floor(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    wall = open_page(f"/queue/{line.code}/wall", viewport=TV)
    expect(wall.get_by_text("No ticket is called right now")).to_be_visible()
    expect(wall.get_by_role("heading", name="Next up")).to_be_hidden()
    qr_code = wall.get_by_role("img", name="QR code that leads to the line")
    assert qr_code.evaluate("image => image.complete && image.naturalWidth > 0")

    parties = crowd(line, *((f"Canary {number}", 2) for number in range(1, 8)))
    expect_tickets(wall, [], [1, 2, 3, 4, 5])
    expect(wall.locator("[data-waiting]")).to_have_text("7")
    line.host("call", {"partyId": parties[1]})
    expect_tickets(wall, [2], [1, 3, 4, 5, 6])
    expect(wall.locator(".is-new")).to_have_text(["2"])
    expect(wall.get_by_text("No ticket is called right now")).to_be_hidden()
    expect(wall.locator("[data-wait]")).to_have_text("we cannot say yet")
    line.host("advance")
    line.host("call", {"partyId": parties[2]})
    expect(wall.locator("[data-called] > li").first).to_have_text("3")
    assert_one_screen(wall)
    assert "Canary" not in wall.content()
    line.host("pause")
    expect(wall.get_by_text("No new guests right now")).to_be_visible()
    expect(qr_code).to_be_hidden()
    line.host("close")
    expect(wall.get_by_text("This line is closed")).to_be_visible()
    expect_tickets(wall, [], [])


def test_a_card_that_was_there_is_not_called_new(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    parties = [line.join()["partyId"] for _ in range(3)]
    line.host("call", {"partyId": parties[0]})
    wall = open_page(f"/queue/{line.code}/wall", viewport=TV)
    expect_tickets(wall, [1], [2, 3])
    line.host("call", {"partyId": parties[2]})
    expect_tickets(wall, [3, 1], [2])
    expect(wall.locator(".is-new")).to_have_text(["3"])


def test_a_lines_wall_shows_a_host_the_public_view(open_page: Open, stack: Stack) -> None:
    """A host's own browser opens it: what the script asks for may not be the host's view."""
    line = stack.open_line()
    wall = open_page("", viewport=TV)
    cookie = {"name": "queue_host_auth", "value": line.token, "url": stack.url()}
    wall.context.add_cookies([cookie])  # type: ignore[list-item]
    told: list[str] = []
    wall.on("response", lambda answer: told.append(answer.text()) if "/snapshot" in answer.url and answer.ok else None)
    wall.goto(f"/queue/{line.code}/wall")
    expect(wall.get_by_role("link", name="Host page")).to_be_visible()
    line.join("Canary")
    expect_tickets(wall, [], [1])
    assert told and all("Canary" not in each for each in told)


SHOWN = """() => [document.querySelector("[data-page]").textContent,
    [...document.querySelectorAll("[data-called] > li")].filter(card => {
        const box = card.getBoundingClientRect();
        return box.width > 0 && box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
            && card.scrollWidth <= card.clientWidth + 1;
    }).map(card => Number(card.textContent))]"""


def shown_now(wall: Page) -> list[int]:
    """The called tickets that can be seen whole: within the window, and within their own cards."""
    found: list[int] = wall.evaluate(SHOWN)[1]
    return found


def wait_for_all(wall: Page, tickets: set[int]) -> None:
    """Until those who stand before the wall have seen all the tickets, page by page."""
    pages: dict[str, list[int]] = {}

    def looked() -> bool:
        label, shown = wall.evaluate(SHOWN)
        total = (label or "1/1").split("/")[1]
        for other in [each for each in pages if each.split("/")[1] != total]:
            del pages[other]  # before it was laid out for this screen
        pages[label or "1/1"] = shown
        return {ticket for page in pages.values() for ticket in page} == tickets

    wait_until(looked, timeout_s=60, what="every page")


def test_a_lines_wall_shows_all_who_are_called_and_the_message(open_page: Open, stack: Stack) -> None:
    """Few and many, with tickets of four digits, on every screen; the pages are turned quickly here."""
    line = stack.open_line(eventName="Donaudampfschifffahrtsgesellschaft" * 3, maxGuests=100)
    stack.sql("UPDATE queues_queue SET next_ticket = 4990 WHERE code = %s", line.code)
    wall = open_page("", viewport=TV)
    wall.add_init_script(TURNED_QUICKLY)
    wall.goto(f"/queue/{line.code}/wall")
    still = open_page(f"/queue/{line.code}/wall", viewport=TV, reduced_motion="reduce")
    line.host("message", {"text": MESSAGE[:200]})
    tickets: set[int] = set()
    for called, screens in ((10, SCREENS[:1]), (40, SCREENS)):
        more = called - len(tickets)
        crowd(line, *[("", 1)] * more, called=more)
        tickets |= set(range(4990, 4990 + called))
        for screen in screens:
            for page in (wall, still):
                page.set_viewport_size(screen)
            wait_until(lambda: set(shown_now(still)) == tickets, what="all tickets")  # noqa: B023 — looked at now
            expect(still.locator("[data-page]")).to_be_hidden()
            wait_for_all(wall, tickets)
            for page in (wall, still):
                wait_until(lambda page=page: over_the_screen(page) == [0, 0], what="one screen")  # type: ignore[misc]
    expect(wall.locator("[data-page]")).to_be_visible()
    for text in (HEBREW, "", "One more"):
        line.host("message", {"text": text})
        expect(wall.locator("[data-message]")).to_have_text(text)
        expect(wall.locator("[data-message]")).to_be_visible(visible=bool(text))
        wait_until(lambda: over_the_screen(wall) == [0, 0], what="one screen")
    wall.set_viewport_size(PHONE)
    wait_until(lambda: wall.locator("[data-called] > li:visible").count() == called, what="all on a phone")
    wait_until(lambda: over_the_screen(wall)[0] == 0, what="a page as wide as a phone")
    assert_fits(wall)
    plain = open_page(f"/queue/{line.code}/wall", viewport=TV, java_script_enabled=False)
    assert plain.locator("[data-called] > li:visible").count() == called
    expect(plain.get_by_text("One more")).to_be_visible()
    line.host("settings", {"eventName": "Late dinner"})
    expect(wall.get_by_role("heading", level=1)).to_have_text("Late dinner")
    line.host("close")
    expect(wall.get_by_text("This line is closed")).to_be_visible()
    expect(wall.get_by_text("One more")).to_be_visible()


def test_a_lines_wall_without_network_says_how_old_it_is_and_catches_up(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    line.join()
    wall = open_page(f"/queue/{line.code}/wall", viewport=TV, errors_allowed=True)
    expect_tickets(wall, [], [1])
    go_offline(wall, "/snapshot")
    expect(wall.get_by_text("No connection.")).to_be_visible()
    line.host("advance")
    expect_tickets(wall, [], [1])
    wall.context.set_offline(False)
    expect_tickets(wall, [1], [])
    expect(wall.get_by_text("No connection.")).to_be_hidden()


def test_a_lines_wall_works_without_scripts_and_on_a_phone(open_page: Open, stack: Stack) -> None:
    line = stack.open_line(eventName="Donaudampfschifffahrtsgesellschaft" * 3)
    for party in crowd(line, *[("", 1)] * 15)[9:]:
        line.host("call", {"partyId": party})
    plain = open_page(f"/queue/{line.code}/wall", viewport={**PHONE, "width": 360}, java_script_enabled=False)
    expect_tickets(plain, [15, 14, 13, 12, 11, 10], [1, 2, 3, 4, 5])
    wall = open_page(f"/queue/{line.code}/wall", viewport={**PHONE, "width": 360})
    assert_fits(wall)
    for size in (TV, ViewportSize(width=1280, height=720)):
        wall.set_viewport_size(size)
        wait_until(lambda: over_the_screen(wall) == [0, 0], what="one screen")


def test_a_hosts_screen_names_who_is_called_and_says_who_is_late(open_page: Open, stack: Stack) -> None:
    email, _ = a_host(stack)
    line = stack.open_line()
    ours = "SELECT venue_id FROM venues_membership m JOIN venues_user u ON u.id = user_id WHERE email = %s"
    [venue] = stack.sql(ours, email)
    stack.sql("UPDATE queues_queue SET venue_id = %s WHERE code = %s", venue["venue_id"], line.code)
    stack.sql("UPDATE venues_venue SET names_on_wall = true WHERE id = %s", venue["venue_id"])
    try:
        wall, stranger = open_page("", viewport=TV), open_page(f"/queue/{line.code}/wall", viewport=TV)
        sign_in(wall, stack)
        wall.goto(f"/queue/{line.code}/wall")
        line.join("Canary")
        line.host("advance")
        expect(wall.locator("[data-called] > li")).to_have_text(["1Canary"])
        expect(stranger.locator("[data-called] > li")).to_have_text(["1"])
        assert "Canary" not in stranger.content()
    finally:
        stack.sql("UPDATE venues_venue SET names_on_wall = false WHERE id = %s", venue["venue_id"])

    def later(route: Route) -> None:
        answer = route.fetch()
        if answer.status == 304:  # nothing new
            route.fulfill(response=answer)
            return
        shown = answer.json()
        route.fulfill(response=answer, json={**shown, "called": [{**each, "deadline": 1} for each in shown["called"]]})

    expect(stranger.locator(".is-late")).to_have_count(0)
    stranger.route("**/snapshot", later)
    line.host("message", {"text": "Soon"})
    expect(stranger.locator(".is-late .ticket-late")).to_have_text("Late")


def test_walls_fill_the_screen(open_page: Open, stack: Stack) -> None:
    wall = open_page(f"/queue/{stack.open_line().code}/wall", viewport=TV)
    wall.get_by_role("button", name="Full screen").click()
    wait_until(lambda: wall.evaluate("document.fullscreenElement !== null"), what="the full screen")
    wall.get_by_role("button", name="Leave full screen").click()
    wait_until(lambda: wall.evaluate("document.fullscreenElement === null"), what="the window")
    expect(wall.get_by_role("button", name="Full screen", exact=True)).to_be_visible()
