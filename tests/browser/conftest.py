"""A real browser: Debian's Chromium (env CHROMIUM, or on PATH), each phone or tablet is a context. Most tests take
its headless shell where that is installed: the same engine without the windows, and two thirds of the work.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.browser.driver import Driver
from tests.installation import Stack

PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 1180, "height": 820}
POLL_MS = 300
# Pages read how often to poll from their own markup, before their scripts run: here it is made quick.
QUICK = f"""document.addEventListener("readystatechange", () => {{
  for (const node of document.querySelectorAll("[data-poll-ms]")) node.dataset.pollMs = "{POLL_MS}";
}});"""

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    """One for all tests of this process."""
    made = Driver()
    yield made
    made.stop()


@pytest.fixture
def chromium(driver: Driver, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The headless shell, or for tests marked `whole_browser` what has windows, too. Shared: make contexts, and close them."""
    with driver.used():
        yield driver.browser(whole=request.node.get_closest_marker("whole_browser") is not None)


def meet_all_requests(context: BrowserContext) -> None:
    """From the first page on. A route that is set later may miss what is sent by a page that its service worker takes over just
    then: of 90 votes 2 reached the server, with nothing seen of them here.
    """
    context.route("**/no-page-asks-for-this", lambda route: route.abort())


@pytest.fixture
def open_page(chromium: Browser, stack: Stack) -> Iterator[Open]:
    """open_page("/path", viewport=PHONE, errors_allowed=False, worker=False, **options of the context): a page in a browser of
    its own, with the service worker where the test is of that: it loads all that a phone keeps. Without a path it is blank.

    At the end no page may have thrown, or been stopped by the content security policy.
    """
    contexts, problems = [], []

    def make(
        path: str = "/",
        *,
        viewport: ViewportSize = PHONE,
        errors_allowed: bool = False,
        worker: bool = False,
        **options: Any,
    ) -> Page:
        usual = {"base_url": stack.url(), "viewport": viewport, "locale": "en-US", "has_touch": True}
        context = chromium.new_context(**{**usual, "service_workers": "allow" if worker else "block", **options})
        if worker:
            meet_all_requests(context)
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(QUICK)
        page = context.new_page()
        if not errors_allowed:
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on(
                "console",
                lambda line: problems.append(f"{line.text} {line.location}") if line.type == "error" else None,
            )
        if path:
            page.goto(path)
        return page

    yield make
    for context in contexts:
        context.cookies()  # asking for anything lets Playwright hear of the last errors
    found = list(problems)
    for context in contexts:
        # Its network ends before its routes do: the page would send to the server what the test made up. (To lead it to a blank
        # page costs 0.02 s of CPU.)
        context.set_offline(True)
        for page in context.pages:
            # A request that is being answered by a test's route may be cut off now.
            page.unroute_all(behavior="ignoreErrors")
        context.close()
    assert found == []


@pytest.fixture
def open_still(open_page: Open) -> Open:
    """The same, for people who want no motion. A room's graph glides otherwise: sixty pictures a second, a fifth of a core."""
    return partial(open_page, reduced_motion="reduce")


@pytest.fixture
def tabs(chromium: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """One browser, many tabs, without a service worker: it would send what waits."""
    context = chromium.new_context(base_url=stack.url(), viewport=PHONE, locale="en-US", service_workers="block")
    context.set_default_timeout(15_000)
    yield context
    context.close()
