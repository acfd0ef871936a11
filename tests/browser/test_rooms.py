"""Live rooms in real browsers: a host's tablet, phones that vote, a wall that only looks on."""

import json
import re
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.pages import assert_fits
from tests.installation import Stack, wait_until

QUESTION = "A second bottle?"
COUNTS_NOT = "No connection: your vote does not count just now."


def open_room(host: Page) -> str:
    """By the form; the room's code."""
    host.goto("/rooms/new")
    host.get_by_label("Your yes/no question").fill(QUESTION)
    host.get_by_role("button", name="Open the room").click()
    host.wait_for_url(re.compile(r"/rooms/\w{6}/host$"))
    return host.url.split("/")[-2]


def made(stack: Stack) -> dict[str, Any]:
    """A room opened over the API."""
    answer = httpx.post(f"{stack.url()}/api/rooms", json={"title": QUESTION})
    assert answer.status_code == 201, answer.text
    room: dict[str, Any] = answer.json()
    return room


def close(stack: Stack, room: dict[str, Any]) -> None:
    """As its host."""
    headers = {"x-host-auth": room["hostToken"]}
    assert httpx.post(f"{stack.url()}/api/rooms/{room['code']}/close", headers=headers).status_code == 200


def say(voter: Page, answer: str) -> None:
    """Presses one of the two buttons."""
    voter.get_by_role("button", name=answer, exact=True).click()


def expect_said(voter: Page, answer: str) -> None:
    """What the page holds for this voter's answer, and that it counts."""
    for each in ("Yes", "No"):
        button = voter.get_by_role("button", name=each, exact=True)
        expect(button).to_have_attribute("aria-pressed", "true" if each == answer else "false")
    words = f"Your {answer.lower()} counts" if answer else "Tap your answer"
    expect(voter.locator("[data-line]")).to_contain_text(f"Connected. {words}")


def expect_votes(page: Page, yes: int, no: int) -> None:
    """The counts that a page shows."""
    expect(page.locator(".votes [data-yes]")).to_have_text(str(yes))
    expect(page.locator(".votes [data-no]")).to_have_text(str(no))


def ticks(page: Page) -> int:
    """How many seconds the graph on the page has."""
    return int(page.locator("[data-worm]").get_attribute("data-ticks") or 0)


def expect_moving(page: Page) -> None:
    """A second more is drawn."""
    before = ticks(page)
    wait_until(lambda: ticks(page) > before, what="another second")


def participants(stack: Stack, code: str) -> int:
    """How many people the room has let in."""
    query = "SELECT count(*) AS n FROM polls_participant p JOIN polls_room r ON r.id = p.room_id WHERE r.code = %s"
    n: int = stack.sql(query, code)[0]["n"]
    return n


def colours(page: Page) -> set[str]:
    """What is painted above the zero line and below it: the names of the colours that are there."""
    found: list[str] = page.evaluate(
        """() => {
            const canvas = document.querySelector("[data-worm] canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const rgb = (name) => {
                canvas.style.color = `var(${name})`;
                return getComputedStyle(canvas).color.match(/[0-9]+/g).map(Number);
            };
            const has = ([r, g, b]) => data.some((_, i) =>
                i % 4 === 0 && data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255);
            return ["--yes", "--no"].filter((name) => has(rgb(name)));
        }"""
    )
    return set(found)


def test_a_room_votes_and_every_screen_follows(open_page: Open) -> None:
    host = open_page(viewport=TABLET)
    code = open_room(host)
    wall = open_page(f"/rooms/{code}/wall", viewport=TABLET)
    qr_code = wall.get_by_role("img", name="QR code that leads to the room")
    assert qr_code.evaluate("image => image.complete && image.naturalWidth > 0")
    ana, ben = open_page(f"/rooms/{code}"), open_page(f"/rooms/{code.lower()}")
    expect_said(ana, "")
    say(ana, "Yes")
    expect_said(ana, "Yes")
    say(ben, "No")
    everywhere = (ana, ben, wall, host)
    for screen in everywhere:
        expect_votes(screen, 1, 1)
    expect(host.locator("[data-people]")).to_have_text("2")

    say(ben, "Yes")  # changes their mind
    for screen in everywhere:
        expect_votes(screen, 2, 0)
    say(ben, "Yes")  # takes it back
    expect_said(ben, "")
    expect_votes(wall, 1, 0)
    say(ben, "No")
    expect_votes(wall, 1, 1)
    ana.close()
    for screen in (ben, wall, host):
        expect_votes(screen, 0, 1)

    host.get_by_text("Close the room", exact=True).click()
    host.get_by_role("button", name="Close the room now").click()
    expect(host.get_by_text("Closed: the graph stands.")).to_be_visible()
    expect(ben.get_by_text("This room is closed.")).to_be_visible()
    expect(ben.get_by_role("button", name="Yes", exact=True)).to_be_hidden()
    expect(wall.get_by_text("Closed", exact=True)).to_be_visible()
    expect(qr_code).to_be_hidden()
    # Whoever comes now sees how it went.
    late = open_page(f"/rooms/{code}")
    expect(late.get_by_text("This room is closed.")).to_be_visible()
    wait_until(lambda: ticks(late) >= ticks(ben) > 0, what="the final graph")
    expect(late.get_by_text("Yes minus no:")).to_contain_text("highest +2, lowest −1")


def test_who_comes_late_sees_the_graph_from_the_start(open_page: Open, stack: Stack) -> None:
    room = made(stack)
    first = open_page(f"/rooms/{room['code']}")
    say(first, "Yes")
    expect_votes(first, 1, 0)
    expect_moving(first)
    say(first, "No")
    expect_votes(first, 0, 1)
    expect_moving(first)
    seen = ticks(first)
    for path in (f"/rooms/{room['code']}", f"/rooms/{room['code']}/wall"):
        late = open_page(path)
        wait_until(lambda late=late: ticks(late) >= seen, what="the whole graph")  # type: ignore[misc]
        wait_until(lambda late=late: colours(late) == {"--yes", "--no"}, what="a line above and below zero")  # type: ignore[misc]
        said = late.get_by_text("Yes minus no:")
        expect(said).to_contain_text("Yes minus no: −1, highest +1, lowest −1, since")
        graph = late.get_by_role("img", name="Graph of yes minus no over time")
        assert graph.get_attribute("aria-describedby") == said.get_attribute("id")


def kept(tab: Page) -> dict[str, Any]:
    """What the page keeps of its one room on this phone."""
    found: dict[str, Any] = tab.evaluate("JSON.parse(Object.values(localStorage)[0])")
    return found


def test_a_reload_keeps_the_person_and_the_vote_and_a_second_tab_is_the_same_person(
    open_page: Open, stack: Stack
) -> None:
    room = made(stack)
    phone = open_page(f"/rooms/{room['code']}")
    say(phone, "Yes")
    expect_votes(phone, 1, 0)
    before = kept(phone)
    phone.reload()
    expect_said(phone, "Yes")
    expect_moving(phone)
    expect_votes(phone, 1, 0)
    after = kept(phone)
    assert after["saidAt"] >= before["saidAt"], "the vote is stated anew, and never earlier"
    assert {**after, "saidAt": before["saidAt"]} == before

    tab = phone.context.new_page()
    tab.goto(f"/rooms/{room['code']}")
    expect_said(tab, "Yes")
    say(tab, "No")
    expect_said(phone, "No")
    expect_votes(phone, 0, 1)
    tab.close()
    expect_moving(phone)
    expect_votes(phone, 0, 1)
    assert participants(stack, room["code"]) == 1


def test_offline_the_page_says_the_vote_does_not_count_and_online_it_counts_again(
    open_page: Open, stack: Stack
) -> None:
    room = made(stack)
    wall = open_page(f"/rooms/{room['code']}/wall", viewport=TABLET)
    phone = open_page(f"/rooms/{room['code']}", errors_allowed=True)
    say(phone, "Yes")
    expect_votes(wall, 1, 0)
    phone.context.set_offline(True)
    expect(phone.get_by_text(COUNTS_NOT)).to_be_visible()
    expect_votes(wall, 0, 0)
    phone.get_by_role("button", name="Try again now").click()
    say(phone, "No")
    expect(phone.get_by_text(COUNTS_NOT)).to_be_visible()
    expect(phone.get_by_text("What you see is")).to_be_visible()
    phone.context.set_offline(False)
    expect_said(phone, "No")
    for screen in (phone, wall):
        expect_votes(screen, 0, 1)
    expect(phone.get_by_text("What you see is")).to_be_hidden()


def test_a_wall_without_network_says_how_old_it_is_and_catches_up(open_page: Open, stack: Stack) -> None:
    room = made(stack)
    wall = open_page(f"/rooms/{room['code']}/wall", viewport=TABLET, errors_allowed=True)
    expect_votes(wall, 0, 0)
    wall.context.set_offline(True)
    expect(wall.get_by_text("No connection. What you see is")).to_be_visible()
    phone = open_page(f"/rooms/{room['code']}")
    say(phone, "Yes")
    expect_votes(phone, 1, 0)
    expect_votes(wall, 0, 0)
    wall.context.set_offline(False)
    expect_votes(wall, 1, 0)
    wait_until(lambda: ticks(wall) >= ticks(phone), what="the seconds in between")
    expect(wall.get_by_text("No connection. What you see is")).to_be_hidden()


def test_a_proof_that_is_not_valid_is_replaced_once(open_page: Open, stack: Stack) -> None:
    room = made(stack)
    phone = open_page()
    forged = {"user_id": "9f0c6d0e-0000-4000-8000-000000000000", "token": "x", "value": "no"}
    phone.evaluate(
        "([key, value]) => localStorage.setItem(key, value)", [f"tallyline.room.{room['code']}", json.dumps(forged)]
    )
    phone.goto(f"/rooms/{room['code']}")
    expect_said(phone, "No")
    expect_votes(phone, 0, 1)
    assert participants(stack, room["code"]) == 1


def test_a_socket_that_is_refused_for_good_is_told_and_not_tried_for_ever(open_page: Open, stack: Stack) -> None:
    room = made(stack)
    phone = open_page()
    tried: list[str] = []

    def refuse(socket: Any) -> None:
        tried.append(socket.url)
        socket.close(code=4401)

    phone.route_web_socket("**/api/vote_ws/", refuse)
    phone.goto(f"/rooms/{room['code']}")
    expect(phone.get_by_text("The room does not let this phone in.")).to_be_visible()
    assert len(tried) == 2 and participants(stack, room["code"]) == 2


def test_a_room_closed_or_deleted_while_a_phone_was_away(open_page: Open, stack: Stack) -> None:
    room, other = made(stack), made(stack)
    phone = open_page(f"/rooms/{room['code']}", errors_allowed=True)
    expect_said(phone, "")
    wall = open_page(f"/rooms/{other['code']}/wall", errors_allowed=True)
    expect_votes(wall, 0, 0)
    phone.context.set_offline(True)
    expect(phone.get_by_text(COUNTS_NOT)).to_be_visible()
    close(stack, room)
    phone.context.set_offline(False)
    expect(phone.get_by_text("This room is closed.")).to_be_visible()

    headers = {"x-host-auth": other["hostToken"]}
    assert httpx.delete(f"{stack.url()}/api/rooms/{other['code']}", headers=headers).status_code == 200
    expect(wall.get_by_role("heading", name="No line, poll or room has the code")).to_be_visible()


def test_without_scripts_there_is_the_graph_as_a_picture(open_page: Open, stack: Stack) -> None:
    room = made(stack)
    voter = open_page(f"/rooms/{room['code']}")
    say(voter, "Yes")
    expect_votes(voter, 1, 0)
    for path in (f"/rooms/{room['code']}", f"/rooms/{room['code']}/wall"):
        plain = open_page(path, java_script_enabled=False)
        picture = plain.get_by_role("img", name="Graph of yes minus no over time")
        expect(picture).to_be_visible()
        expect(plain.locator("canvas")).to_be_hidden()
    phone = open_page(f"/rooms/{room['code']}", java_script_enabled=False)
    expect(phone.get_by_text("A live room needs JavaScript")).to_be_visible()
    expect(phone.get_by_role("button", name="Yes")).to_have_count(0)


def test_counts_are_not_read_out_each_second(open_page: Open, stack: Stack) -> None:
    room = made(stack)
    phone = open_page(f"/rooms/{room['code']}")
    expect_votes(phone, 0, 0)
    spoken = phone.locator("[data-said]")
    expect(spoken).to_have_text("0 yes, 0 no")
    say(phone, "Yes")
    expect_votes(phone, 1, 0)
    expect(spoken).to_have_text("0 yes, 0 no")
    for moving in (".votes [data-yes]", ".votes [data-no]", "[data-balance]", "[data-freshness] > :last-child"):
        found = phone.locator(moving)
        expect(found).to_have_count(1)
        live = "node => Boolean(node.closest('[aria-live], [role=status], [role=alert]'))"
        assert not found.evaluate(live), f"{moving} changes each second, and is in a live region"


def test_nothing_scrolls_sideways_and_everything_can_be_tapped(open_page: Open, stack: Stack) -> None:
    narrow = {**PHONE, "width": 360}
    host = open_page(viewport=narrow)
    host.goto("/rooms/new")
    assert_fits(host)
    host.get_by_label("Your yes/no question").fill("Donaudampfschifffahrtsgesellschaft" * 7)
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("[data-words]")).to_be_visible()
    assert_fits(host)
    room = host.url.removesuffix("/host")
    for path in (room, f"{room}/wall"):
        page = open_page(path, viewport=narrow)
        expect(page.locator("[data-words]")).to_be_visible()
        assert_fits(page)
