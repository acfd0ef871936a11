"""Polls: the vote in all that can become of it, the receipt, the wall, and the host's pages."""

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET
from tests.browser.gallery.scene import WALL, Scene, Steps, walk
from tests.browser.pages import poll_console


def send(page: Page) -> None:
    """Picks the first choice and presses the button."""
    page.locator("[name=choices]").first.check()
    page.locator("[data-send]").click()


@walk()
def vote(scene: Scene) -> Steps:
    poll = scene.poll(open=False)
    page = scene.open(f"/vote/{poll['code']}")
    yield "vote-not-open", page
    poll = scene.poll(mayChange=True)
    scene.votes(poll, 14, 9, 5)
    page.goto(f"/vote/{poll['code']}")
    yield "vote", page
    page.context.set_offline(True)
    send(page)
    expect(page.locator("[data-waiting]")).to_be_visible()
    yield "vote-pending", page
    page.context.set_offline(False)
    expect(page.locator(".counted")).to_be_visible()
    yield "vote-counted", page
    page.goto("about:blank")  # the page would load itself anew when the poll is closed
    scene.post(f"/api/polls/{poll['id']}/close", poll["hostToken"])
    page.goto(f"/vote/{poll['code']}/receipt")
    yield "receipt", page
    page.context.clear_cookies()
    page.goto(f"/vote/{poll['code']}")
    yield "vote-closed", page


@walk()
def vote_several(scene: Scene) -> Steps:
    poll = scene.poll(*"ABCDEFGH", maxPicks=3, visibility="after_close")
    page = scene.open(f"/vote/{poll['code']}")
    page.locator("[name=choices]").nth(1).check()
    yield "vote-several", page
    for number in (0, 2, 3):
        page.locator("[name=choices]").nth(number).click()
    expect(page.locator("[data-problem]")).to_be_visible()
    yield "vote-too-many", page


@walk()
def vote_refused(scene: Scene) -> Steps:
    page = scene.open(f"/vote/{scene.poll()['code']}")
    answer = {"status": 409, "json": {"error": "You have voted already."}}
    page.route("**/ballot", lambda route: route.fulfill(**answer))
    send(page)
    expect(page.locator("[data-refusal]")).to_be_visible()
    yield "vote-refused", page
    page.unroute("**/ballot")
    page.route("**/ballot", lambda route: route.abort())
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page.goto(f"/vote/{scene.poll()['code']}")
    send(page)
    expect(page.locator("[data-waiting]")).to_be_visible()
    yield "vote-kept-nowhere", page
    page.add_init_script("Object.defineProperty(document, 'cookie', { value: '' })")
    page.goto(f"/vote/{scene.poll()['code']}")
    expect(page.locator("[data-no-cookies]")).to_be_visible()
    yield "vote-without-cookies", page


@walk(WALL)
def poll_wall(scene: Scene) -> Steps:
    poll = scene.poll("Flan", "Lemon cake", "Apple crumble with custard", "Sorbet")
    scene.votes(poll, 14, 22, 9, 3)
    page = scene.open("")
    page.route(re.compile(r"/stream(\?|$)"), lambda route: route.abort())  # "offline" does not cut a stream that runs
    page.goto(f"/vote/{poll['code']}/results")
    yield "poll-wall", page
    page.context.set_offline(True)
    expect(page.locator("[data-freshness]")).to_be_visible()
    yield "poll-wall-offline", page
    page.context.set_offline(False)
    page.goto(f"/vote/{scene.poll(visibility='after_close')['code']}/results")
    yield "poll-wall-hidden", page


@walk(TABLET, guest=False)
def poll_host(scene: Scene) -> Steps:
    page = scene.open("/polls/new")
    yield "new-poll", page
    page.get_by_label("Your question").fill("Which dessert tonight?")
    for number, choice in enumerate(("Flan", "Cake", "Crumble"), start=1):
        page.get_by_label(f"Choice {number}", exact=True).fill(choice)
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Ask", exact=True).click()
    yield "poll-host", page
    poll = scene.poll(end=int(time.time() * 1000) + 1_500)
    scene.votes(poll, 4, 2)
    poll_console(page, scene.stack, poll)
    expect(page.get_by_role("heading", name="Published digest")).to_be_visible()
    page.get_by_text("Reset", exact=True).click()
    yield "poll-host-over", page
