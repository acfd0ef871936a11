"""What a host, voters and a wall do in the pages of a live room."""

import re
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.installation import Stack, wait_until

QUESTION = "A second bottle?"


def open_room_by_form(host: Page) -> str:
    """By the form; the room's code."""
    host.goto("/rooms/new")
    host.get_by_label("Your yes/no question").fill(QUESTION)
    host.get_by_role("button", name="Open the room").click()
    host.wait_for_url(re.compile(r"/rooms/\w{6}/host$"))
    return host.url.split("/")[-2]


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
