"""What hosts and guests do in the pages, by what they see there."""

import json
import re
import time
from functools import cache
from typing import Any

from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.installation import LiveLine, Stack, wait_until

QUESTION = "Which dessert tonight?"
# For tests of what a page does: the worker would send a vote that waits while the test still looks at it.
NO_SYNC = "delete ServiceWorkerRegistration.prototype.sync;"
TOLD_AGAIN_S = 4


@cache
def a_host(stack: Stack) -> tuple[str, str]:
    """Works at a venue of this installation and is staff: e-mail and password."""
    email, password = "ana@example.com", "a long pass phrase"
    stack.manage("create_host", email, "--venue", "Casa Ana", "--timezone", "UTC", "--password", password)
    stack.sql("UPDATE venues_user SET is_staff = true WHERE email = %s", email)
    return email, password


def sign_in_at(page: Page, path: str, *, email: str, password: str) -> None:
    """Opens this page, by the form in front of it."""
    page.goto(path)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, stack: Stack) -> None:
    """By the form, as that host; to their lines."""
    email, password = a_host(stack)
    sign_in_at(page, "/sign-in", email=email, password=password)
    page.wait_for_url("**/lines")


def go_offline(page: Page, polled: str) -> None:
    """Cuts the page's network, and waits until a poll fails, whose URL has `polled` in it. A poll that began before the cut may
    be answered after it; a page sends one poll after the other, so once one has failed, none is under way.
    """
    with page.expect_event("requestfailed", lambda request: polled in request.url):
        page.context.set_offline(True)


def open_line(host: Page, name: str = "Friday dinner") -> str:
    """Journey 1: the form on the front page; the code of the line."""
    host.get_by_label("Name of the line").fill(name)
    host.get_by_role("button", name="Open the line").click()
    host.wait_for_url(re.compile(r"/queue/\w{6}/host$"))  # and until its script is there: so does every helper here
    return host.url.split("/")[-2]


def console(host: Page, line: LiveLine) -> Page:
    """The console of a line, in a browser that has opened that line."""
    return _for_hosts(host, line.stack, f"queue_host_{line.code}", line.token, f"/queue/{line.code}/host")


def poll_console(host: Page, stack: Stack, poll: dict[str, Any]) -> Page:
    """A poll's page for its host, in a browser that has made that poll."""
    return _for_hosts(host, stack, f"poll_host_{poll['code']}", poll["hostToken"], f"/polls/{poll['code']}/host")


def _for_hosts(host: Page, stack: Stack, cookie: str, token: str, path: str) -> Page:
    host.context.add_cookies([{"name": cookie, "value": token, "url": stack.url()}])
    host.goto(path)
    return host


def join(guest: Page, name: str = "", size: int = 2) -> None:
    """Journey 2: the form that a QR code leads to."""
    guest.get_by_label("Your name").fill(name)
    for _ in range(size - 2):
        guest.get_by_role("button", name="One more").click()
    guest.get_by_role("button", name="Join the line").click()
    guest.wait_for_url(re.compile(r"/queue/\w{6}/ticket"))
    expect(guest.locator("[data-position]")).to_be_visible()


def party(host: Page, name: str) -> Locator:
    """A party's row in the console."""
    return host.locator("li[data-party]", has_text=name)


def expect_place(guest: Page, number: int, wait: str = "") -> None:
    """What a waiting guest's page says. Without a `wait` as in a line that is new: the first may find a table at any moment, of
    the others nobody can say yet."""
    expect(guest.locator("[data-position]")).to_have_text(str(number))
    told = wait or (re.compile(r"^up to \d+ min$") if number == 1 else "we cannot say yet")
    expect(guest.locator("[data-range]")).to_have_text(told)


def open_poll(stack: Stack, **fields: Any) -> dict[str, Any]:
    """An open poll with QUESTION, made through the API."""
    return stack.open_poll(**{"title": QUESTION, "choices": ["Flan", "Cake"], **fields})


def wait_for_promise(page: Page, script: str, argument: object = None, *, what: str) -> None:
    """Until what `script` promises is true. (To Playwright's wait_for_function the promise itself is true.)"""
    wait_until(lambda: page.evaluate(script, argument), what=what)


def with_worker(page: Page, kept: str = "") -> None:
    """The worker is there, rules this page, and has a copy of it (or of the page at the path `kept`)."""
    wait_until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), what="the worker")
    copied = """async (path) => Boolean(await (await caches.open("tallyline-pages"))
        .match(path || location.pathname, { ignoreVary: true }))"""
    wait_for_promise(page, copied, kept, what="the worker's copy")


def worker_of(page: Page) -> tuple[CDPSession, dict[str, str]]:
    """The developer tools of the page's browser, and what they call its service worker."""
    devtools = page.context.new_cdp_session(page)
    ids: dict[str, str] = {}
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: ids.update({each["scopeURL"]: each["registrationId"] for each in told["registrations"]}),
    )
    devtools.send("ServiceWorker.enable")

    def found() -> dict[str, str] | None:
        origin = page.evaluate("origin")  # asking for anything lets Playwright hear what the browser tells
        return {"origin": origin, "registrationId": ids[f"{origin}/"]} if f"{origin}/" in ids else None

    return devtools, wait_until(found, what="the worker")


def push(page: Page, message: dict[str, str], shown: str) -> None:
    """Delivers what a push service would, until what `shown` promises is true. Chromium drops what came of a delivery from its
    developer tools, so it is delivered again, as a push service would: at most three times.
    """
    devtools, worker = worker_of(page)
    deadlines = [time.monotonic() + TOLD_AGAIN_S * times for times in range(3)]

    def delivered() -> object:
        if deadlines and time.monotonic() >= deadlines[0]:
            del deadlines[0]
            devtools.send("ServiceWorker.deliverPushMessage", {**worker, "data": json.dumps(message)})
        return page.evaluate(shown)

    wait_until(delivered, what="the notification")


def vote(voter: Page, choice: str) -> None:
    """Picks, and presses the button."""
    voter.get_by_label(choice).check()
    voter.get_by_role("button", name="Vote", exact=True).click()


def expect_counted(voter: Page) -> None:
    """The server's own page says so, or its receipt."""
    expect(voter.get_by_role("heading", name="Counted")).to_be_visible()


def ballots(stack: Stack, poll_id: str) -> list[list[int]]:
    """The choices of every ballot in Postgres."""
    rows = stack.sql("SELECT choices FROM polls_ballot WHERE poll_id = %s ORDER BY cast_at", poll_id)
    return [row["choices"] for row in rows]


def outbox(page: Page) -> list[dict[str, Any]]:
    """What stands in this browser's outbox (frontend/poll/outbox.ts)."""
    found: list[dict[str, Any]] = page.evaluate(
        """() => new Promise((resolve, reject) => {
            const asked = indexedDB.open("tallyline-ballots");
            asked.onerror = () => reject(asked.error);
            asked.onsuccess = () => {
                const db = asked.result;
                const all = db.transaction("ballots").objectStore("ballots").getAll();
                all.onsuccess = () => { db.close(); resolve(all.result); };
            };
        })"""
    )
    return found


def assert_fits(page: Page) -> None:
    """No wider than the screen; every control at least 44 px high."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([type=hidden]), select, summary, .button, .nav-link")]
            .filter((each) => each.offsetParent)
            .map((each) => each.closest("label.option, label.check-line") ?? each)  // the whole row is tapped
            .filter((each) => each.getBoundingClientRect().height < 43.5)
            .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert small == [], page.url
