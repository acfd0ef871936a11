"""Phones on a voting page: tabs of one browser, and what a test does to the poll."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser.conftest import PHONE, meet_all_requests
from tests.browser.pages import NO_SYNC, open_poll
from tests.installation import Stack

NOT_YET = "Not counted yet"


# How often the storage is read and the pending vote is painted; and how long the page's timers wait.
COUNTED = """
window.reads = 0; window.paints = 0; window.waits = [];
const get = IDBObjectStore.prototype.get;
IDBObjectStore.prototype.get = function (...given) { window.reads += 1; return get.apply(this, given); };
const later = window.setTimeout;
window.setTimeout = (work, ms, ...rest) => { window.waits.push(ms ?? 0); return later(work, ms, ...rest); };
"""


def opened(context: BrowserContext, path: str) -> Page:
    """A new tab."""
    page = context.new_page()
    page.goto(path)
    return page


def voting(stack: Stack, context: BrowserContext, **fields: Any) -> tuple[dict[str, Any], Page]:
    """A poll, and its voting page."""
    poll = open_poll(stack, **fields)
    return poll, opened(context, f"/vote/{poll['code']}")


def busy(seconds: int) -> Callable[[Route], None]:
    """Answers a vote as a server does that has too much to do: the page's own timer does not come before the test."""
    return lambda route: route.fulfill(status=503, body="{}", headers={"retry-after": str(seconds)})


def act(stack: Stack, poll: dict[str, Any], action: str) -> None:
    """As its host."""
    url = f"{stack.url()}/api/polls/{poll['id']}/{action}"
    assert httpx.post(url, headers={"x-host-auth": poll["hostToken"]}).status_code == 200


def back_online(page: Page) -> None:
    """What a phone tells its pages when it has a network again."""
    page.evaluate("dispatchEvent(new Event('online'))")


@contextmanager
def phone_without_sync(chromium: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """A phone's browser with its service worker and without Background Sync: pages alone send what waits."""
    context = chromium.new_context(base_url=stack.url(), viewport=PHONE, locale="en-US")
    context.set_default_timeout(15_000)
    context.add_init_script(NO_SYNC)
    meet_all_requests(context)
    yield context
    context.close()
