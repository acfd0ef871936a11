"""Times on pages: right with a wrong clock of the phone and a wrong `Date` of a proxy, and one age a page (decision 0029)."""

import re
import time
from email.utils import formatdate

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import TABLET, Open
from tests.browser.pages import console, join, open_poll, wait_for_promise, with_worker
from tests.browser.voting_phones import back_online
from tests.installation import Stack, wait_until

OFF_MS = 600_000
# How wrong a countdown may be, where a wrong clock makes it wrong by ten minutes.
RIGHT_MS = 30_000
# A time of day that is wrong and can be set, and all that a countdown says while it is seen, each with the true time.
WRONG_CLOCK = f"""(() => {{
  const right = Date.now.bind(Date);
  let off = {OFF_MS};
  Date.now = () => right() + off;
  window.setClock = (ms) => {{ off += ms; }};
  window.texts = [];
  new MutationObserver(() => {{
    const node = document.querySelector("[data-countdown], .left [data-deadline]");
    if (node?.checkVisibility() && node.textContent !== window.texts.at(-1)?.[1]) window.texts.push([right(), node.textContent]);
  }}).observe(document, {{ subtree: true, childList: true, characterData: true, attributes: true }});
}})();"""
# All ages that can be seen at once, in the sentence and beside what it is about. More than one is noted, over all reloads.
AGES = r"""new MutationObserver(() => {
  const seen = [...document.querySelectorAll("[data-freshness], [data-fresh]")].filter((each) => each.checkVisibility());
  const ages = seen.map((each) => each.textContent.match(/\d+ \w+/)?.[0]).filter(Boolean);
  if (new Set(ages).size > 1) sessionStorage.twoAges = seen.map((each) => each.textContent).join(" | ");
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });"""
LATE_MS = 20.5 * 60_000
# From the second page on, copies are 20 minutes old. Whether the server answers (HEAD) can be kept from the page: else it loads
# itself anew at once.
LATER = f"""(() => {{
  const [now, ask] = [Date.now.bind(Date), window.fetch];
  Date.now = () => now() + {LATE_MS};
  window.fetch = (...asked) =>
    asked[1]?.method === "HEAD" && sessionStorage.keepCopy ? Promise.reject(new TypeError("kept")) : ask(...asked);
}})();"""
# "Offline" does not cut what runs already, as a lost network does.
CUT = """for (const name of ["WebSocket", "EventSource"])
  window[name] = class extends window[name] {
    constructor(...given) {
      super(...given);
      addEventListener("offline", () => {
        this.close();
        this.dispatchEvent(new Event(name === "WebSocket" ? "close" : "error"));
      });
    }
  };"""
OLD = re.compile(r"(as of|This page is from) \d\d min\. ago")
OWN = re.compile(r"/place\.json(\?|$)|/host/list")
# Streams have no end to wait for.
ANSWERS = re.compile(r"^(?!.*/(static|img|versions|stream)\b)")


def dated_wrong(route: Route) -> None:
    """The answer by way of a proxy whose clock is ten minutes behind."""
    answer = route.fetch(max_redirects=0)
    date = formatdate(time.time() - OFF_MS / 1000, usegmt=True)
    route.fulfill(response=answer, headers={**answer.headers, "date": date})


def countdown(text: str) -> int:
    """ms of "4:05"."""
    minutes, seconds = text.split(":")
    return (int(minutes) * 60 + int(seconds)) * 1000


def wrong_readings(page: Page, deadline: int) -> list[str]:
    """What its countdown has said and was not so; forgets all it has said."""
    shown = page.evaluate("texts.splice(0)")
    return [text for at, text in shown if abs(max(deadline - at, 0) - countdown(text)) > RIGHT_MS]


def test_countdowns_are_right_with_wrong_clocks_of_phones_and_proxies(open_page: Open, stack: Stack) -> None:
    host = open_page("", viewport=TABLET)
    guest = open_page("")
    for page in (host, guest):
        page.context.add_init_script(WRONG_CLOCK)
    line = stack.open_line()
    # First, for Chromium lets a document that a route has answered open no socket to the loopback.
    console(host, line)
    for page in (host, guest):
        page.route(ANSWERS, dated_wrong)
    guest.goto(f"/queue/{line.code}")
    join(guest, "Ana")
    host.get_by_role("button", name=re.compile("^Call next: #1 Ana")).click()
    expect(guest.locator("[data-countdown]")).to_be_visible()
    deadline = line.snapshot().json()["called"][0]["deadline"]

    for page in (guest, host):
        wait_until(lambda page=page: page.evaluate("texts.length") > 1, what="the countdown")  # type: ignore[misc]
        assert wrong_readings(page, deadline) == [], page.url
        for set_by in (OFF_MS, -3 * OFF_MS):
            # An answer that was asked for before may come first; the page asks until one was not.
            with page.expect_response(OWN):
                page.evaluate("by => setClock(by)", set_by)
            page.evaluate("texts.splice(0)")
            wait_until(lambda page=page: page.evaluate("texts.length") > 1, what="two more seconds")  # type: ignore[misc]
            assert wrong_readings(page, deadline) == [], f"{page.url}, set by {set_by}"


def test_a_copy_has_one_age_and_says_in_a_call_that_the_time_runs_on(open_page: Open, stack: Stack) -> None:
    line = stack.open_line(callWindowSeconds=3600)
    guest = open_page(f"/queue/{line.code}", errors_allowed=True, worker=True)
    guest.context.add_init_script(AGES)
    join(guest, "Ana")
    with_worker(guest)
    guest.context.add_init_script(LATER)
    guest.evaluate("sessionStorage.keepCopy = 1")
    sentence, age = guest.locator("[data-freshness]"), guest.locator("[data-fresh]:visible")

    guest.context.set_offline(True)
    guest.reload()
    expect(sentence).to_contain_text(OLD)
    expect(age).to_have_text(OLD)
    guest.context.set_offline(False)  # the live part is told of the line
    expect(sentence).to_be_hidden()
    expect(age).not_to_have_text(OLD)
    expect(guest.locator("html[data-kept]")).to_have_count(1)

    line.host("advance")
    expect(guest.locator("[data-countdown]")).to_be_visible()
    guest.reload()
    copied = (
        "async () => (await (await caches.match(location.pathname, { ignoreVary: true })).text()).includes('is-called')"
    )
    wait_for_promise(guest, copied, what="the copy of the call")
    deadline = line.snapshot().json()["called"][0]["deadline"]
    guest.context.set_offline(True)
    guest.reload()
    expect(sentence).to_have_text("No connection. The time to come runs on: please go to the host now.")
    expect(age).to_have_text(OLD)
    # And so it does: by what this phone thinks has passed since it kept the page.
    at, left = guest.evaluate("[Date.now(), document.querySelector('[data-countdown]').textContent]")
    assert abs(deadline - at - countdown(left)) < RIGHT_MS

    guest.evaluate("sessionStorage.removeItem('keepCopy')")
    guest.context.set_offline(False)
    expect(guest.locator("html:not([data-kept])")).to_have_count(1)
    expect(guest.locator("[data-countdown]")).to_be_visible()
    expect(sentence).to_be_hidden()
    assert guest.evaluate("sessionStorage.twoAges ?? ''") == ""


def test_each_live_page_says_one_age_while_there_is_no_connection(open_still: Open, stack: Stack) -> None:
    host = open_still("", viewport=TABLET, errors_allowed=True)
    browser = host.context
    browser.add_init_script(AGES + CUT)
    line = stack.open_line()
    poll, room = open_poll(stack), stack.open_room()
    pages = [console(host, line)]
    for path in (
        f"/queue/{line.code}",
        f"/queue/{line.code}/wall",
        f"/vote/{poll['code']}/results",
        f"/rooms/{room['code']}",
        f"/rooms/{room['code']}/wall",
    ):
        pages.append(browser.new_page())
        pages[-1].goto(path)
    join(pages[1], "Ana")
    for page in pages:
        expect(page.locator("[data-freshness]")).to_be_hidden()
    browser.set_offline(True)
    for page in pages:
        expect(page.locator("[data-freshness]")).to_be_visible()
        box = page.locator("[data-freshness]").bounding_box()
        assert box and box["height"] < 120, f"as high as its words: {page.url}"
        ages = page.locator("[data-freshness], [data-fresh]").filter(has_text=re.compile(r"\d \w"), visible=True)
        expect(ages.first).to_be_visible()
    browser.set_offline(False)
    for page in pages:
        back_online(page)  # Chromium tells all of them as soon as the first has a network
        expect(page.locator("[data-freshness]")).to_be_hidden()
        assert page.evaluate("sessionStorage.twoAges ?? ''") == "", page.url
