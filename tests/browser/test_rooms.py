"""Live rooms in real browsers: a host's tablet, phones that vote, a wall that only looks on."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.pages import assert_fits
from tests.browser.room_pages import (
    QUESTION,
    colours,
    expect_moving,
    expect_said,
    expect_votes,
    open_room_by_form,
    participants,
    say,
    ticks,
)
from tests.installation import Stack, wait_until


def test_a_room_votes_and_every_screen_follows(open_page: Open, open_still: Open) -> None:
    host = open_still("", viewport=TABLET)
    code = open_room_by_form(host)
    wall = open_still(f"/rooms/{code}/wall", viewport=TABLET)
    qr_code = wall.get_by_role("img", name="QR code that leads to the room")
    assert qr_code.evaluate("image => image.complete && image.naturalWidth > 0")
    ana, ben = open_page(f"/rooms/{code}"), open_still(f"/rooms/{code.lower()}")
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
    # A client that comes now sees the whole graph.
    late = open_page(f"/rooms/{code}")
    expect(late.get_by_text("This room is closed.")).to_be_visible()
    wait_until(lambda: ticks(late) >= ticks(ben) > 0, what="the final graph")
    expect(late.get_by_text("Yes minus no:")).to_contain_text("highest +2, lowest −1")


def test_who_comes_late_sees_the_graph_from_the_start(open_still: Open, stack: Stack) -> None:
    room = stack.open_room(title=QUESTION)
    first = open_still(f"/rooms/{room['code']}")
    say(first, "Yes")
    expect_votes(first, 1, 0)
    expect_moving(first)
    say(first, "No")
    expect_votes(first, 0, 1)
    expect_moving(first)
    seen = ticks(first)
    for path in (f"/rooms/{room['code']}", f"/rooms/{room['code']}/wall"):
        late = open_still(path)
        wait_until(lambda late=late: ticks(late) >= seen, what="the whole graph")  # type: ignore[misc]
        wait_until(lambda late=late: colours(late) == {"--yes", "--no"}, what="a line above and below zero")  # type: ignore[misc]
        description = late.get_by_text("Yes minus no:")
        expect(description).to_contain_text("Yes minus no: −1, highest +1, lowest −1, since")
        graph = late.get_by_role("img", name="Graph of yes minus no over time")
        assert graph.get_attribute("aria-describedby") == description.get_attribute("id")


def kept(tab: Page) -> dict[str, Any]:
    """What the page keeps of its one room on this phone."""
    found: dict[str, Any] = tab.evaluate("JSON.parse(Object.values(localStorage)[0])")
    return found


def test_a_reload_keeps_the_person_and_the_vote_and_a_second_tab_is_the_same_person(
    open_still: Open, stack: Stack
) -> None:
    room = stack.open_room(title=QUESTION)
    phone = open_still(f"/rooms/{room['code']}")
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


def test_without_scripts_there_is_the_graph_as_a_picture(open_still: Open, stack: Stack) -> None:
    room = stack.open_room(title=QUESTION)
    voter = open_still(f"/rooms/{room['code']}")
    say(voter, "Yes")
    expect_votes(voter, 1, 0)
    for path in (f"/rooms/{room['code']}", f"/rooms/{room['code']}/wall"):
        plain = open_still(path, java_script_enabled=False)
        picture = plain.get_by_role("img", name="Graph of yes minus no over time")
        expect(picture).to_be_visible()
        expect(plain.locator("canvas")).to_be_hidden()
    phone = open_still(f"/rooms/{room['code']}", java_script_enabled=False)
    expect(phone.get_by_text("A live room needs JavaScript")).to_be_visible()
    expect(phone.get_by_role("button", name="Yes")).to_have_count(0)


def test_counts_are_not_read_out_each_second(open_still: Open, stack: Stack) -> None:
    room = stack.open_room(title=QUESTION)
    phone = open_still(f"/rooms/{room['code']}")
    expect_votes(phone, 0, 0)
    spoken = phone.locator("[data-announced]")
    expect(spoken).to_have_text("0 yes, 0 no")
    say(phone, "Yes")
    expect_votes(phone, 1, 0)
    expect(spoken).to_have_text("0 yes, 0 no")
    for moving in (".votes [data-yes]", ".votes [data-no]", "[data-balance]", "[data-freshness] > :last-child"):
        found = phone.locator(moving)
        expect(found).to_have_count(1)
        live = "node => Boolean(node.closest('[aria-live], [role=status], [role=alert]'))"
        assert not found.evaluate(live), f"{moving} changes each second, and is in a live region"


def test_nothing_scrolls_sideways_and_everything_can_be_tapped(open_still: Open, stack: Stack) -> None:
    narrow = {**PHONE, "width": 360}
    host = open_still("/rooms/new", viewport=narrow)
    assert_fits(host)
    host.get_by_label("Your yes/no question").fill("Donaudampfschifffahrtsgesellschaft" * 7)
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("[data-words]")).to_be_visible()
    assert_fits(host)
    room = host.url.removesuffix("/host")
    for path in (room, f"{room}/wall"):
        page = open_still(path, viewport=narrow)
        expect(page.locator("[data-words]")).to_be_visible()
        assert_fits(page)
