"""Voting by keyboard and with a screen reader: where the focus goes, and what is said."""

import json
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.driver import ARGUMENTS
from tests.browser.pages import ballots, expect_counted, open_poll, vote
from tests.browser.voting_phones import NOT_YET, act, busy, opened, voting
from tests.installation import CHROMIUM, Stack


def press_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Tab, until the focus is there."""
    for _ in range(30):
        if wanted.evaluate("(node) => node === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError("the focus never came there")


def test_a_vote_by_keyboard_leads_the_focus_to_what_became_of_it(tabs: BrowserContext, stack: Stack) -> None:
    poll, phone = voting(stack, tabs)
    phone.route("**/ballot", busy(3_000))
    press_to(phone, phone.get_by_label("Flan"))
    phone.keyboard.press("ArrowDown")
    press_to(phone, phone.get_by_role("button", name="Vote", exact=True))
    phone.keyboard.press("Enter")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    expect(phone.locator("[data-pending]")).to_be_focused()
    assert violations(phone) == []
    phone.unroute("**/ballot")
    press_to(phone, phone.get_by_role("button", name="Try now"))
    phone.keyboard.press("Enter")
    heading = phone.get_by_role("heading", name="Counted")
    expect(heading).to_be_focused()
    expect(phone.locator("body > [role=status]")).to_have_text("Counted: Cake")
    assert violations(phone) == []
    assert ballots(stack, poll["id"]) == [[1]]


def test_a_refusal_takes_the_focus_and_an_unasked_outcome_does_not(tabs: BrowserContext, stack: Stack) -> None:
    poll, phone = voting(stack, tabs)
    reading = opened(tabs, f"/vote/{poll['code']}/results")
    link = reading.get_by_role("link", name="Tallyline")
    link.focus()
    act(stack, poll, "close")
    expect(reading.get_by_text("Closed", exact=True)).to_be_visible()
    late = open_poll(stack)
    phone.goto(f"/vote/{late['code']}")
    answer = {"status": 409, "json": {"error": "This poll is closed."}}
    phone.route("**/ballot", lambda route: route.fulfill(**answer))
    press_to(phone, phone.get_by_label("Flan"))
    phone.keyboard.press("Space")
    phone.keyboard.press("Enter")
    expect(
        phone.get_by_role("alert").filter(has_text="This vote was not counted. This poll is closed.")
    ).to_be_focused()
    assert violations(phone) == []


def test_no_more_can_be_picked_than_may_be_and_it_is_said_at_the_right_box(tabs: BrowserContext, stack: Stack) -> None:
    choices = ["Flan", "Cake", "Sorbet", "Cheese", "Fruit"]
    poll, phone = voting(stack, tabs, choices=choices, minPicks=2, maxPicks=3)
    boxes = [phone.get_by_label(text) for text in choices]
    note = phone.locator("[data-problem]")

    # Too few: at the first box that is still to be had.
    boxes[0].check()
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect(boxes[1]).to_be_focused()
    expect(note).to_have_text("Pick 2 to 3.")
    expect(boxes[1]).to_have_accessible_description("Pick 2 to 3.")
    assert ballots(stack, poll["id"]) == []

    # By keyboard: the fourth is let go again, the focus stays, and it is said there why.
    phone.keyboard.press("Space")
    expect(note).to_be_hidden()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    expect(boxes[3]).to_be_focused()
    expect(boxes[3]).not_to_be_checked()
    expect(boxes[3]).to_have_accessible_description("You have picked 3 already. To pick another, take one back first.")
    expect(phone.locator("label.option:has([value='3']) + [role=alert]")).to_be_visible()
    assert violations(phone) == []
    # By touch it is no different; and one that is taken back makes room.
    boxes[4].click()
    expect(boxes[4]).not_to_be_checked()
    expect(boxes[3]).to_have_accessible_description("")
    boxes[0].uncheck()
    expect(note).to_be_hidden()
    boxes[4].check()
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1, 2, 4]]


def test_a_browser_that_keeps_no_cookies_is_told_so_once(chromium: Browser, stack: Stack, tmp_path: Path) -> None:
    poll = open_poll(stack)
    profile = tmp_path / "Default"
    profile.mkdir()
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Preferences").write_text(json.dumps(blocked))
    sentence = "This browser keeps no cookies, and a vote needs one."
    context = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, args=ARGUMENTS, base_url=stack.url(), locale="en-US"
    )
    try:
        page = context.new_page()
        page.goto(f"/vote/{poll['code']}")
        expect(page.get_by_text(sentence)).to_be_visible()
        assert violations(page) == []
        vote(page, "Cake")
        page.wait_for_load_state()
        expect(page.get_by_text(sentence)).to_be_visible()
        expect(page.get_by_text(sentence)).to_have_count(1)
        assert ballots(stack, poll["id"]) == []
    finally:
        context.close()
