"""What a walk through pages is made with: a running installation, a browser, lines, polls and rooms."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Page, Route, ViewportSize

from tests.browser.conftest import PHONE, Open
from tests.browser.console_pages import crowd
from tests.browser.pages import sign_in_at
from tests.installation import LiveLine, Stack

WALL: ViewportSize = {"width": 1920, "height": 1080}
NAMES = ["Ada", "Grace Hopper", "Ōkubo", "Noor", "", "Bartholomew & family", "Ana María", "李小龍", "Zoë"]

# The name of a state, e.g. "ticket-called", and the page that is in it now.
Steps = Iterator[tuple[str, Page]]


@dataclass(frozen=True, slots=True)
class Walk:
    """`show(scene)` leads through states one after another; `size` is what they are made for; `guest`: they speak the reader's
    language."""

    name: str
    show: Callable[["Scene"], Steps]
    size: ViewportSize
    guest: bool

    def __str__(self) -> str:
        return self.name


WALKS: list[Walk] = []


def walk(
    size: ViewportSize = PHONE, *, guest: bool = True
) -> Callable[[Callable[["Scene"], Steps]], Callable[["Scene"], Steps]]:
    """Adds the decorated function to the gallery, under its own name."""

    def add(show: Callable[["Scene"], Steps]) -> Callable[["Scene"], Steps]:
        WALKS.append(Walk(show.__name__.replace("_", "-"), show, size, guest))
        return show

    return add


VENUE = """
from venues import commands as c
venue = c.create_venue(name={name!r}, timezone_name="Europe/Madrid")
c.change_venue(venue_id=venue.pk, accent="#c2185b", menu_url="https://casa.example/carta", words={words!r})
c.create_host(email=venue.slug + "@example.com", venue=venue, password={password!r}, role="owner")
print("VENUE", venue.slug, c.create_api_key(venue=venue, name="till")[1])
"""
TABLET = """
from core.actors import SYSTEM
from venues import commands as c
from venues.models import Venue
from venues.pairing import device_token, digits_of
code = c.offer_device_code(venue_id=Venue.objects.get(slug={slug!r}).pk, name="Door", actor=SYSTEM)
c.pair_device(digits=digits_of(code.pk), described="", key="a tablet")
print("TABLET", device_token(code.pk))
"""
# Through the API each ballot is a request.
VOTES = """
from polls.models import Poll
from tests.polls.database_polls import ballot, ballots
poll, counts = Poll.objects.get(pk={poll!r}), enumerate({counts!r})
cast = [ballot(poll, (choice, number), choice) for choice, count in counts for number in range(count)]
assert all(outcome.receipt for outcome in ballots.record(cast))
print("COUNTED")
"""
PASSWORD = "a long pass phrase"
WORDS = {"en": "Cash only, please. Children are welcome until nine.", "ja": "お支払いは現金のみです。"}


@dataclass(frozen=True, slots=True)
class SomeVenue:
    """A venue of a running installation."""

    stack: Stack
    slug: str
    key: str

    def open(self, name: str) -> LiveLine:
        """Opens a line of the venue."""
        body = {"eventName": name, "maxGuests": 40}
        answer = httpx.post(f"{self.stack.url()}/api/queue/create", json=body, headers={"api-key": self.key})
        assert answer.status_code == 200, answer.text
        return LiveLine(self.stack, answer.json())

    def tablet(self, browser: Page) -> Page:
        """Makes this browser a device of the venue."""
        made = self.stack.manage("shell", "-c", TABLET.format(slug=self.slug)).stdout
        token = made.split("TABLET ")[1].strip()
        browser.context.add_cookies([{"name": "device_token", "value": token, "url": self.stack.url()}])
        return browser

    def owner(self, browser: Page, path: str) -> Page:
        """Signs the venue's owner in, by the form in front of this page."""
        sign_in_at(browser, path, email=f"{self.slug}@example.com", password=PASSWORD)
        return browser


class Scene:
    """A running installation and a browser, for one walk. `open(path)` opens a page as this walk wants it."""

    def __init__(self, stack: Stack, open_page: Open, **options: object) -> None:
        self.stack, self._open, self._options = stack, open_page, options

    def open(self, path: str = "/", **options: object) -> Page:
        """A page in a new browser, blank without a path. Network errors are allowed: many states need them."""
        return self._open(path, errors_allowed=True, **{**self._options, **options})

    def open_plain(self, path: str) -> Page:
        """The same as a browser without scripts shows it. (axe is a script, too.)"""

        def strip(route: Route) -> None:
            answer = route.fetch(max_redirects=0)
            html = re.sub(r"<script.*?</script>|</?noscript>", "", answer.text(), flags=re.DOTALL)
            route.fulfill(response=answer, body=re.sub('<meta http-equiv="refresh"[^>]*>', "", html))

        page = self.open("")
        page.route(re.compile(r"/(queue|vote)/[^.]*$"), strip)
        if path:
            page.goto(path)
        return page

    def line(self, parties: int = 0, **fields: object) -> LiveLine:
        """A line with that many parties waiting."""
        line = self.stack.open_line(**{"eventName": "Trattoria Bella Vista", "location": "Terrace", **fields})
        if parties:
            self.fill(line, parties)
        return line

    def fill(self, line: LiveLine, parties: int) -> list[str]:
        """That many more parties; their ids."""
        return crowd(line, *((NAMES[number % len(NAMES)], 1 + number % 6) for number in range(parties)))

    def guest_in(self, line: LiveLine, **options: object) -> tuple[Page, dict[str, str]]:
        """A phone that joins by the form, and what the API calls its party."""
        page = self.open(f"/queue/{line.code}", **options)
        with page.expect_navigation():
            page.locator("form.card button.button-primary").click()
        return page, {"partyId": page.url.partition("#place=")[2]}

    def venue(self, name: str) -> "SomeVenue":
        """A venue with this name, a colour, a menu, an API key and an owner, whose e-mail is {slug}@example.com."""
        made = self.stack.manage("shell", "-c", VENUE.format(name=name, password=PASSWORD, words=WORDS)).stdout
        slug, key = made.split("VENUE ")[1].split()
        return SomeVenue(self.stack, slug, key)

    def poll(self, *choices: str, **fields: Any) -> dict[str, Any]:
        """An open poll made through the API."""
        texts = list(choices) or ["Flan", "Lemon cake", "Crumble"]
        return self.stack.open_poll(**{"title": "Which dessert shall we bake tonight?", "choices": texts, **fields})

    def ask(self, line: LiveLine) -> None:
        """A question for the people in this line."""
        host, texts = {"x-host-auth": line.token}, ["Volare", "Azzurro"]
        self.stack.open_poll(headers=host, title="Which song next?", choices=texts, line=line.code, dedupe="ticket")

    def votes(self, poll: dict[str, str], *counts: int) -> None:
        """That many ballots for each choice."""
        assert "COUNTED" in self.stack.manage("shell", "-c", VOTES.format(poll=poll["id"], counts=counts)).stdout

    def room(self) -> dict[str, Any]:
        """An open yes/no room."""
        return self.stack.open_room(title="A second bottle?")

    def post(self, path: str, token: str) -> None:
        """A host's POST that must succeed."""
        assert httpx.post(f"{self.stack.url()}{path}", headers={"x-host-auth": token}).status_code == 200
