"""Walls of polls and rooms in real browsers."""

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Open
from tests.browser.pages import open_poll
from tests.browser.room_pages import ticks
from tests.browser.walls import TV, assert_one_screen
from tests.contracts.vote_ws import Room
from tests.installation import Stack, wait_until

LONG = "Which of these remarkably long-named desserts would you like to see on the menu of next week? " * 2
# How many choices, and the title.
POLLS = {2: "Red or white?", 6: "Which of these desserts? " * 3, 8: "Which dessert?", 12: LONG, 24: "?", 100: "?"}
# Counts the paintings of the graph, each of which begins with an empty canvas, and the points of the latest.
COUNTED = """window.paintings = window.points = 0;
const { clearRect, lineTo } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (...area) { paintings += 1; points = 0; clearRect.apply(this, area); };
CanvasRenderingContext2D.prototype.lineTo = function (...point) { points += 1; lineTo.apply(this, point); };"""


# ------------------------------------------------------------------------------------------------------------- of a poll
@pytest.mark.parametrize("visibility", ["always", "after_close"])
def test_a_polls_wall_is_one_screen_and_full(visibility: str, open_page: Open, stack: Stack) -> None:
    wall = open_page("", viewport=TV)
    for choices, title in POLLS.items():
        texts = [f"Apple crumble with custard and cream {number}"[: 400 // choices + 12] for number in range(choices)]
        texts = [f"{number} {text}" for number, text in enumerate(texts)]
        poll = open_poll(stack, title=title[:200].strip(), choices=texts, visibility=visibility)
        wall.goto(f"/vote/{poll['code']}/results")
        for size in (TV, ViewportSize(width=1280, height=720)):
            wall.set_viewport_size(size)
            assert_one_screen(wall)
            bottom = wall.locator(".bar").last.evaluate("bar => bar.getBoundingClientRect().bottom / innerHeight")
            assert 0.75 < bottom <= 1, f"{choices} choices"


# ------------------------------------------------------------------------------------------------------------- of a room
def test_a_long_room_comes_thinned_and_is_looked_at_closer(open_page: Open, stack: Stack) -> None:
    room = Room(stack)
    room.given_past(20_000)
    wait_until(lambda: len(room.history()) > 20_000, what="the past")
    wall = open_page("", viewport=TV)
    wall.add_init_script(COUNTED)
    wall.goto(f"/rooms/{room.made['code']}/wall")
    wait_until(lambda: ticks(wall) > 900, what="the graph")
    assert ticks(wall) < 1_000 + 900 + 60
    expect(wall.get_by_text("Yes minus no:")).to_contain_text("highest +6, lowest −2")
    wait_until(lambda: wall.evaluate("points") > 2_000, what="six hours")
    wall.get_by_role("button", name="1 min").press("Enter")
    expect(wall.get_by_role("button", name="1 min")).to_have_attribute("aria-pressed", "true")
    expect(wall.get_by_role("button", name="All")).to_have_attribute("aria-pressed", "false")
    wait_until(lambda: 0 < wall.evaluate("points") < 500, what="a minute")
    assert_one_screen(wall)


def test_the_worm_glides_between_ticks_unless_motion_is_unwanted(open_page: Open, stack: Stack) -> None:
    room = Room(stack)
    room.until_ticked(2)
    # A picture of a large screen is dear.
    small = ViewportSize(width=640, height=360)
    walls = [open_page("", viewport=small, reduced_motion=motion) for motion in ("reduce", "no-preference")]
    before = []
    for wall in walls:
        wall.add_init_script(COUNTED)
        wall.goto(f"/rooms/{room.made['code']}/wall")
        wait_until(lambda wall=wall: ticks(wall) > 2, what="the graph")  # type: ignore[misc]
        before.append((ticks(wall), wall.evaluate("paintings")))
    paintings = []
    for wall, (ticked, painted) in zip(walls, before, strict=True):
        wait_until(lambda wall=wall, ticked=ticked: ticks(wall) >= ticked + 4, what="ticks")  # type: ignore[misc]
        paintings.append((wall.evaluate("paintings") - painted) / (ticks(wall) - ticked))
    still, gliding = paintings
    assert still <= 1.5 < 3 < gliding
