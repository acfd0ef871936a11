"""Every page in every state it can be in: what test_accessibility.py examines and screenshots.py draws."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import httpx
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.pages import open_line
from tests.live import LiveLine, Stack

WALL: ViewportSize = {"width": 1920, "height": 1080}
NAMES = ["Ada", "Grace Hopper", "Ōkubo", "Noor", "", "Bartholomew & family", "Ana María", "李小龍", "Zoë"]


@dataclass(frozen=True, slots=True)
class State:
    """`show(scene)` gives the page; `size` is what it is made for; `guest`: it speaks the reader's language."""

    name: str
    show: Callable[["Scene"], Page]
    size: ViewportSize
    guest: bool

    def __str__(self) -> str:
        return self.name


STATES: list[State] = []


def state(name: str, size: ViewportSize = PHONE, *, guest: bool = True) -> Callable[..., Callable[["Scene"], Page]]:
    """Adds the decorated function to the gallery."""

    def add(show: Callable[["Scene"], Page]) -> Callable[["Scene"], Page]:
        STATES.append(State(name, show, size, guest))
        return show

    return add


class Scene:
    """A running installation and a browser, for one state. `open(path)` opens a page as this state wants it."""

    def __init__(self, stack: Stack, open_page: Open, **options: object) -> None:
        self.stack, self._open, self._options = stack, open_page, options

    def open(self, path: str = "/", **options: object) -> Page:
        """A page in a browser of its own. Errors of the network are part of many states."""
        return self._open(path, errors_allowed=True, **{**self._options, **options})

    def line(self, parties: int = 0, **fields: object) -> LiveLine:
        """A line with that many parties waiting."""
        line = self.stack.open_line(eventName="Trattoria Bella Vista", location="Terrace", **fields)
        for number in range(parties):
            line.join(NAMES[number % len(NAMES)], size=1 + number % 6)
        return line

    def guest_in(self, line: LiveLine, path: str = "") -> Page:
        """A phone that joins by the form."""
        page = self.open(f"/queue/{line.code}")
        with page.expect_navigation():
            page.locator("form.card button.button-primary").click()
        return page

    def ended(self, action: str) -> Page:
        """A ticket whose place ended by that host action."""
        line = self.line()
        page = self.guest_in(line)
        party = page.url.partition("#place=")[2]
        if action in {"serve", "no-show"}:
            line.host("advance")
        line.host(action, {"partyId": party})
        page.reload()
        return page

    def poll(self, *choices: str, **fields: object) -> dict[str, str]:
        """An open poll made over the API."""
        body = {
            "title": "Which dessert shall we bake tonight?",
            "choices": list(choices) or ["Flan", "Lemon cake", "Crumble"],
            "open": True,
            **fields,
        }
        answer = httpx.post(f"{self.stack.url()}/api/polls/", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, str] = answer.json()
        return made

    def votes(self, poll: dict[str, str], *counts: int) -> None:
        """That many ballots for each choice."""
        for choice, count in enumerate(counts):
            for _ in range(count):
                body = {"ballotId": str(uuid4()), "choices": [choice]}
                url = f"{self.stack.url()}/api/polls/{poll['id']}/ballots"
                assert httpx.post(url, json=body).status_code in {200, 201}

    def room(self) -> dict[str, str]:
        """An open yes/no room."""
        answer = httpx.post(f"{self.stack.url()}/api/rooms", json={"title": "A second bottle?"})
        assert answer.status_code == 201, answer.text
        made: dict[str, str] = answer.json()
        return made

    def post(self, path: str, token: str) -> None:
        """A host's POST that must succeed."""
        assert httpx.post(f"{self.stack.url()}{path}", headers={"x-host-auth": token}).status_code == 200


# ------------------------------------------------------------------------------------------------------------------ guests
@state("join")
def _(scene: Scene) -> Page:
    return scene.open(f"/queue/{scene.line(6).code}")


@state("join-wrong")
def _(scene: Scene) -> Page:
    page = scene.open(f"/queue/{scene.line().code}")
    page.locator("form.card").evaluate("form => { form.noValidate = true; }")
    page.locator("[name=size]").fill("0")
    page.locator("form.card button.button-primary").click()
    return page


@state("join-full")
def _(scene: Scene) -> Page:
    return scene.open(f"/queue/{scene.line(3, maxGuests=6).code}")


@state("join-paused")
def _(scene: Scene) -> Page:
    line = scene.line(2)
    line.host("pause")
    return scene.open(f"/queue/{line.code}")


@state("join-closed")
def _(scene: Scene) -> Page:
    line = scene.line()
    line.host("close")
    return scene.open(f"/queue/{line.code}")


@state("ticket")
def _(scene: Scene) -> Page:
    return scene.guest_in(scene.line(6))


@state("ticket-asked")
def _(scene: Scene) -> Page:
    line = scene.line(3)
    answer = httpx.post(
        f"{scene.stack.url()}/api/polls/",
        json={
            "title": "Which song next?",
            "choices": ["Volare", "Azzurro"],
            "open": True,
            "line": line.code,
            "dedupe": "ticket",
        },
        headers={"x-host-auth": line.token},
    )
    assert answer.status_code == 201, answer.text
    return scene.guest_in(line)


@state("ticket-message")
def _(scene: Scene) -> Page:
    line = scene.line(3)
    line.host("message", {"text": "The kitchen closes at ten; we will seat everybody who waits now."})
    return scene.guest_in(line)


@state("ticket-let-pass")
def _(scene: Scene) -> Page:
    line = scene.line(2)
    page = scene.guest_in(line)
    line.join("Ada's friends")
    page.reload()
    page.locator("[data-let-pass]").click()
    expect(page.locator("[data-let-pass-dialog]")).to_be_visible()
    return page


@state("ticket-offline")
def _(scene: Scene) -> Page:
    page = scene.guest_in(scene.line(2))
    page.context.set_offline(True)
    expect(page.locator("[data-freshness]")).to_be_visible()
    return page


@state("ticket-called")
def _(scene: Scene) -> Page:
    line = scene.line()
    page = scene.guest_in(line)
    line.host("advance")
    page.reload()
    expect(page.locator("[data-countdown]")).to_be_visible()
    return page


@state("ticket-served")
def _(scene: Scene) -> Page:
    return scene.ended("serve")


@state("ticket-no-show")
def _(scene: Scene) -> Page:
    return scene.ended("no-show")


@state("ticket-removed")
def _(scene: Scene) -> Page:
    return scene.ended("kick")


@state("ticket-line-closed")
def _(scene: Scene) -> Page:
    return scene.ended("close")


@state("ticket-leave")
def _(scene: Scene) -> Page:
    page = scene.guest_in(scene.line(2))
    page.locator("[data-leave]").click()
    expect(page.locator("[data-leave-dialog]")).to_be_visible()
    return page


@state("ticket-elsewhere")
def _(scene: Scene) -> Page:
    return scene.open(f"/queue/{scene.line().code}/ticket")


@state("not-found")
def _(scene: Scene) -> Page:
    return scene.open("/queue?code=ZZZZZZ")


@state("no-copy")
def _(scene: Scene) -> Page:
    return scene.open("/offline")


@state("line-wall", WALL)
def _(scene: Scene) -> Page:
    line = scene.line(9)
    for _ in range(2):
        line.host("call", {"partyId": line.snapshot(host=True).json()["queue"][0]["id"]})
    page = scene.open(f"/queue/{line.code}/wall")
    expect(page.get_by_role("img")).to_be_visible()
    return page


@state("line-wall-empty", WALL)
def _(scene: Scene) -> Page:
    return scene.open(f"/queue/{scene.line().code}/wall")


# ------------------------------------------------------------------------------------------------------------------- polls
@state("vote")
def _(scene: Scene) -> Page:
    return scene.open(f"/vote/{scene.poll()['code']}")


@state("vote-several")
def _(scene: Scene) -> Page:
    page = scene.open(f"/vote/{scene.poll(*'ABCDEFGH', maxPicks=3, visibility='after_close')['code']}")
    page.locator("[name=choices]").nth(1).check()
    return page


@state("vote-too-many")
def _(scene: Scene) -> Page:
    page = scene.open(f"/vote/{scene.poll(*'ABCDEFGH', maxPicks=3)['code']}")
    for number in range(4):
        page.locator("[name=choices]").nth(number).click()
    expect(page.locator("[data-problem]")).to_be_visible()
    return page


@state("vote-kept-nowhere")
def _(scene: Scene) -> Page:
    page = scene.open("/")
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page.goto(f"/vote/{scene.poll()['code']}")
    page.route("**/ballot", lambda route: route.abort())
    page.locator("[name=choices]").first.check()
    page.locator("[data-send]").click()
    expect(page.locator("[data-waiting]")).to_be_visible()
    return page


@state("vote-without-cookies")
def _(scene: Scene) -> Page:
    page = scene.open("/")
    page.add_init_script("Object.defineProperty(document, 'cookie', { value: '' })")
    page.goto(f"/vote/{scene.poll()['code']}")
    expect(page.locator("[data-no-cookies]")).to_be_visible()
    return page


@state("vote-refused")
def _(scene: Scene) -> Page:
    page = scene.open(f"/vote/{scene.poll()['code']}")
    answer = {"status": 409, "json": {"error": "You have voted already."}}
    page.route("**/ballot", lambda route: route.fulfill(**answer))
    page.locator("[name=choices]").first.check()
    page.locator("[data-send]").click()
    expect(page.locator("[data-refusal]")).to_be_visible()
    return page


@state("vote-pending")
def _(scene: Scene) -> Page:
    page = scene.open(f"/vote/{scene.poll()['code']}")
    page.context.set_offline(True)
    page.locator("[name=choices]").first.check()
    page.locator("[data-send]").click()
    expect(page.locator("[data-waiting]")).to_be_visible()
    return page


@state("vote-counted")
def _(scene: Scene) -> Page:
    poll = scene.poll(mayChange=True)
    scene.votes(poll, 14, 9, 5)
    page = scene.open(f"/vote/{poll['code']}")
    page.locator("[name=choices]").first.check()
    page.locator("[data-send]").click()
    expect(page.locator(".counted")).to_be_visible()
    return page


@state("vote-closed")
def _(scene: Scene) -> Page:
    poll = scene.poll()
    scene.votes(poll, 3, 8, 1)
    scene.post(f"/api/polls/{poll['id']}/close", poll["hostToken"])
    return scene.open(f"/vote/{poll['code']}")


@state("vote-not-open")
def _(scene: Scene) -> Page:
    return scene.open(f"/vote/{scene.poll(open=False)['code']}")


@state("receipt")
def _(scene: Scene) -> Page:
    poll = scene.poll()
    page = scene.open(f"/vote/{poll['code']}")
    page.locator("[name=choices]").first.check()
    page.locator("[data-send]").click()
    expect(page.locator(".counted")).to_be_visible()
    page.goto("about:blank")  # the page would load itself anew when the poll is closed
    scene.post(f"/api/polls/{poll['id']}/close", poll["hostToken"])
    page.goto(f"/vote/{poll['code']}/receipt")
    return page


@state("poll-wall", WALL)
def _(scene: Scene) -> Page:
    poll = scene.poll("Flan", "Lemon cake", "Apple crumble with custard", "Sorbet")
    scene.votes(poll, 14, 22, 9, 3)
    return scene.open(f"/vote/{poll['code']}/results")


@state("poll-wall-hidden", WALL)
def _(scene: Scene) -> Page:
    return scene.open(f"/vote/{scene.poll(visibility='after_close')['code']}/results")


# ------------------------------------------------------------------------------------------------------------------- rooms
@state("room")
def _(scene: Scene) -> Page:
    page = scene.open(f"/rooms/{scene.room()['code']}")
    page.locator("[data-say=yes]").click()
    expect(page.locator("[data-state=on]")).to_be_visible()
    expect(page.locator(".votes [data-yes]")).to_have_text("1")
    return page


@state("room-wall", WALL)
def _(scene: Scene) -> Page:
    room = scene.room()
    voter = scene.open(f"/rooms/{room['code']}")
    voter.locator("[data-say=yes]").click()
    page = scene.open(f"/rooms/{room['code']}/wall")
    expect(page.locator(".votes [data-yes]")).to_have_text("1")
    return page


@state("room-closed")
def _(scene: Scene) -> Page:
    room = scene.room()
    page = scene.open(f"/rooms/{room['code']}")
    page.locator("[data-say=no]").click()
    expect(page.locator(".votes [data-no]")).to_have_text("1")
    scene.post(f"/api/rooms/{room['code']}/close", room["hostToken"])
    page.reload()
    expect(page.locator(".votes [data-no]")).not_to_have_text("–")
    return page


# ------------------------------------------------------------------------------------------------------------------- hosts
def console(scene: Scene, parties: int = 0, called: int = 0) -> Page:
    """A console opened by the form on the front page, whose host keeps its link once guests come."""
    page = scene.open()
    code = open_line(page, "Trattoria Bella Vista")
    if parties:
        page.get_by_role("button", name="I have kept it").click()
        expect(page.get_by_role("heading", name="Keep this link")).to_have_count(0)
    for number in range(parties):
        body = {"name": NAMES[number % len(NAMES)], "size": 1 + number % 6}
        assert httpx.post(f"{scene.stack.url()}/api/queue/{code}/join", json=body).status_code == 200
    page.reload()
    for _ in range(called):
        page.locator("form[action$='/call'] button, button[formaction$='/call']").first.click()
        page.wait_for_timeout(300)
    return page


@state("home", TABLET, guest=False)
def _(scene: Scene) -> Page:
    return scene.open()


@state("console-empty", TABLET, guest=False)
def _(scene: Scene) -> Page:
    return console(scene)


@state("console", TABLET, guest=False)
def _(scene: Scene) -> Page:
    return console(scene, parties=9, called=2)


@state("console-offline", TABLET, guest=False)
def _(scene: Scene) -> Page:
    page = console(scene, parties=3)
    page.context.set_offline(True)
    expect(page.locator("[data-freshness]")).to_be_visible(timeout=20_000)
    return page


@state("poster", TABLET, guest=False)
def _(scene: Scene) -> Page:
    page = console(scene)
    page.goto(page.url.replace("/host", "/poster"))
    return page


@state("report", TABLET, guest=False)
def _(scene: Scene) -> Page:
    page = console(scene, parties=6, called=2)
    page.get_by_role("link", name="Report of this line").click()
    return page


@state("sign-in", guest=False)
def _(scene: Scene) -> Page:
    return scene.open("/sign-in")


@state("new-poll", TABLET, guest=False)
def _(scene: Scene) -> Page:
    return scene.open("/polls/new")


@state("poll-host", TABLET, guest=False)
def _(scene: Scene) -> Page:
    page = scene.open("/polls/new")
    page.get_by_label("Your question").fill("Which dessert tonight?")
    for number, choice in enumerate(("Flan", "Cake", "Crumble"), start=1):
        page.get_by_label(f"Choice {number}", exact=True).fill(choice)
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Ask", exact=True).click()
    return page


@state("poll-host-over", TABLET, guest=False)
def _(scene: Scene) -> Page:
    poll = scene.poll(end=int(time.time() * 1000) + 1_500)
    scene.votes(poll, 4, 2)
    page = scene.open("/")
    name = f"poll_host_{poll['code']}"
    page.context.add_cookies([{"name": name, "value": poll["hostToken"], "url": scene.stack.url()}])
    page.goto(f"/polls/{poll['code']}/host")
    expect(page.get_by_role("heading", name="Published digest")).to_be_visible()
    page.get_by_text("Reset", exact=True).click()
    return page


@state("new-room", TABLET, guest=False)
def _(scene: Scene) -> Page:
    return scene.open("/rooms/new")


@state("room-host", TABLET, guest=False)
def _(scene: Scene) -> Page:
    page = scene.open("/rooms/new")
    page.get_by_label("Your yes/no question").fill("A second bottle?")
    page.get_by_role("button", name="Open the room").click()
    return page


@state("forbidden", guest=False)
def _(scene: Scene) -> Page:
    line = scene.line()
    return scene.open(f"/queue/{line.code}/host")


@state("host-key-wrong", guest=False)
def _(scene: Scene) -> Page:
    page = scene.open(f"/queue/{scene.line().code}/host#key=cut-off")
    expect(page.get_by_role("alert")).to_be_visible()
    return page
