"""Live rooms on phones and walls that lose the network, their socket, their proof or the room."""

import json
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import TABLET, Open
from tests.browser.room_pages import QUESTION, close, expect_said, expect_votes, participants, say, ticks
from tests.installation import Stack, wait_until

COUNTS_NOT = "No connection: your vote does not count right now."


def test_offline_the_page_says_the_vote_does_not_count_and_online_it_counts_again(
    open_still: Open, stack: Stack
) -> None:
    room = stack.open_room(title=QUESTION)
    wall = open_still(f"/rooms/{room['code']}/wall", viewport=TABLET)
    phone = open_still(f"/rooms/{room['code']}", errors_allowed=True)
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


def test_a_wall_without_network_says_how_old_it_is_and_catches_up(open_still: Open, stack: Stack) -> None:
    room = stack.open_room(title=QUESTION)
    wall = open_still(f"/rooms/{room['code']}/wall", viewport=TABLET, errors_allowed=True)
    expect_votes(wall, 0, 0)
    wall.context.set_offline(True)
    expect(wall.get_by_text("No connection. What you see is")).to_be_visible()
    phone = open_still(f"/rooms/{room['code']}")
    say(phone, "Yes")
    expect_votes(phone, 1, 0)
    expect_votes(wall, 0, 0)
    wall.context.set_offline(False)
    expect_votes(wall, 1, 0)
    wait_until(lambda: ticks(wall) >= ticks(phone), what="the seconds in between")
    expect(wall.get_by_text("No connection. What you see is")).to_be_hidden()


def test_a_proof_that_is_not_valid_is_replaced_once(open_still: Open, stack: Stack) -> None:
    room = stack.open_room(title=QUESTION)
    phone = open_still()
    forged = {"user_id": "9f0c6d0e-0000-4000-8000-000000000000", "token": "x", "value": "no"}
    phone.evaluate(
        "([key, value]) => localStorage.setItem(key, value)", [f"tallyline.room.{room['code']}", json.dumps(forged)]
    )
    phone.goto(f"/rooms/{room['code']}")
    expect_said(phone, "No")
    expect_votes(phone, 0, 1)
    assert participants(stack, room["code"]) == 1


def test_a_socket_that_is_refused_for_good_is_told_and_not_tried_for_ever(open_still: Open, stack: Stack) -> None:
    room = stack.open_room(title=QUESTION)
    phone = open_still("")
    tried: list[str] = []

    def refuse(socket: Any) -> None:
        tried.append(socket.url)
        socket.close(code=4401)

    phone.route_web_socket("**/api/vote_ws/", refuse)
    phone.goto(f"/rooms/{room['code']}")
    expect(phone.get_by_text("The room does not let this phone in.")).to_be_visible()
    assert len(tried) == 2 and participants(stack, room["code"]) == 2


def test_a_room_closed_or_deleted_while_a_phone_was_away(open_still: Open, stack: Stack) -> None:
    room, other = stack.open_room(title=QUESTION), stack.open_room(title=QUESTION)
    phone = open_still(f"/rooms/{room['code']}", errors_allowed=True)
    expect_said(phone, "")
    wall = open_still(f"/rooms/{other['code']}/wall", errors_allowed=True)
    expect_votes(wall, 0, 0)
    phone.context.set_offline(True)
    expect(phone.get_by_text(COUNTS_NOT)).to_be_visible()
    close(stack, room)
    phone.context.set_offline(False)
    expect(phone.get_by_text("This room is closed.")).to_be_visible()

    headers = {"x-host-auth": other["hostToken"]}
    assert httpx.delete(f"{stack.url()}/api/rooms/{other['code']}", headers=headers).status_code == 200
    expect(wall.get_by_role("heading", name="No line, poll or room has the code")).to_be_visible()
