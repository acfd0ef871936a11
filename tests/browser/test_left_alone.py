"""The demo's evening beside a console that nobody touches in its second half: nobody loses a place, and all of it is heard."""

import asyncio
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from devserver.demo import arrivals, setup
from devserver.demo.client import Api, Tally
from devserver.demo.plan import Plan
from devserver.demo.player import Line, Player
from tests.browser.conftest import Open
from tests.browser.console_pages import tablet
from tests.installation import FULL, LiveLine, Stack, wait_until
from venues.models import SHORTEST_WINDOW_S

# At the size of the promise four hours take 24 minutes. The small one is as fast as the program; its calls are aged.
SPEED, PARTIES = (10, arrivals.PARTIES) if FULL else (3_000, 24)
WINDOW_S = max(arrivals.CALL_WINDOW_S // SPEED, SHORTEST_WINDOW_S)
# Hosts called and seated nobody for so long before they went: several parties are called when the console is left.
UNSEATED_S = 20 * 60
# What the page itself plays, counts and shows, from before its scripts run.
RECORDER = """
Object.assign(window, { tones: [], badges: [], shown: [] });
const { start } = OscillatorNode.prototype;
OscillatorNode.prototype.start = function (...when) { tones.push(this.frequency.value); start.apply(this, when); };
navigator.setAppBadge = async (count) => { badges.push(count); };
const look = () => {
  const marks = document.querySelector("[data-marks]")?.dataset.marks;
  if (marks && marks !== shown.at(-1)) shown.push(marks);
};
new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
"""
HERTZ = {"late": (988, 740, 988, 740, 988), "asks": (660, 880), "joins": (660,)}


def open_line(stack: Stack) -> LiveLine:
    """A line of the demo's venue, with room for all."""
    stack.manage("demo", "--setup-only")
    key = json.loads((stack.folder / "demo.json").read_text())["api_key"]
    rules = {"callWindowSeconds": WINDOW_S, "autoAdvance": True, "autoNoShow": False, "onMyWaySeconds": WINDOW_S}
    body = {"eventName": "Friday night", "maxGuests": 500, **rules}
    created = httpx.post(f"{stack.url()}/api/queue/create", json=body, headers={"api-key": key})
    assert created.status_code == 200, created.text
    return LiveLine(stack, created.json())


def heard(tones: list[float]) -> Counter[str]:
    """How often each kind was played, by its tones."""
    rest, counted = tuple(round(each) for each in tones), Counter[str]()
    while rest:
        kind = next(kind for kind, hertz in HERTZ.items() if rest[: len(hertz)] == hertz)
        counted[kind] += 1
        rest = rest[len(HERTZ[kind]) :]
    return counted


def to_hear(shown: list[dict[str, Any]]) -> Counter[str]:
    """How often each kind must be played for the lists that were shown one after the other."""
    counted, newest = Counter[str](), shown[0]["newest"]
    for before, after in zip(shown, shown[1:], strict=False):
        for kind in ("late", "asks"):
            counted[kind] += not set(after[kind]) <= set(before[kind])
        counted["joins"] += after["newest"] > newest
        newest = max(newest, after["newest"])
    return counted


def on_time(line: LiveLine) -> bool:
    """Whether a call has not run out yet. Those of a small evening are made older at each look."""
    called = "status = 'called' AND late_at IS NULL AND queue_id = %s"
    if FULL:
        found = line.stack.sql(f"SELECT 1 FROM queues_party WHERE {called}", line.session_id)  # noqa: S608 ours
    else:
        aged = f"UPDATE queues_party SET call_deadline = now() WHERE {called} RETURNING 1"  # noqa: S608 ours
        found = line.stack.sql(aged, line.session_id)
    return bool(found)


def tables(stack: Stack) -> dict[str, int]:
    """The ids of the demo's tables by their names."""
    found = "SELECT t.name, t.id FROM venues_table t JOIN venues_venue v ON v.id = venue_id WHERE v.name = %s"
    return {each["name"]: each["id"] for each in stack.sql(found, setup.VENUE)}


def play(line: LiveLine, plan: Plan, watch: Page) -> Tally:
    """Plays the plan until each call has run out, then compares how each party ended. The browser goes on meanwhile."""
    tally = Tally()
    api = Api(line.stack.url(), tally)
    player = Player(
        api,
        Line(line.code, line.token),
        plan,
        speed=SPEED,
        tables=tables(line.stack),
        watchers=None,
        progress=lambda: None,
    )

    def evening() -> None:
        asyncio.run(player.play())
        wait_until(lambda: not on_time(line), timeout_s=60, what="each call to run out")
        asyncio.run(player.check())

    with ThreadPoolExecutor(1) as threads:
        playing = threads.submit(evening)
        while not playing.done():
            watch.wait_for_timeout(100)
        playing.result()
    api.close()
    return tally


def tickets(line: LiveLine, event: str, more: str = "") -> set[int]:
    """Of the parties with such an event."""
    told = f"SELECT party_id FROM outbox_event WHERE stream_id = %s AND type = %s {more}"  # noqa: S608 ours
    found = line.stack.sql(f"SELECT ticket FROM queues_party WHERE id IN ({told})", line.session_id, event)  # noqa: S608 ours
    return {each["ticket"] for each in found}


@pytest.mark.faults
@pytest.mark.timeout(3600 if FULL else 90)
def test_a_console_that_is_left_alone_loses_nobody_and_says_it_all(open_page: Open, stack: Stack) -> None:
    line = open_line(stack)
    host = tablet(open_page, line)
    host.add_init_script(RECORDER)
    host.reload()
    host.locator("h1").first.click()  # the last tap of the evening
    expect(host.locator("[data-sound-state]").first).to_have_text("soft")
    plan = arrivals.evening(1, parties=PARTIES).left_alone(unseated_s=UNSEATED_S)
    tally = play(line, plan, host)
    assert (tally.errors, tally.lost) == (0, 0), tally.problems

    by_clock = "AND actor = 'system'"
    assert tickets(line, "QUEUE_MEMBER_DROPPED", by_clock) == set(), "nobody is lost by the clock"
    late, asked = tickets(line, "QUEUE_MEMBER_LATE"), tickets(line, "QUEUE_MEMBER_ASKED_TIME")
    assert len(late) >= 2 and len(asked) >= 2
    rows = host.locator(".is-called.is-late")
    expect(rows).to_have_count(len(late))
    expect(host.locator("[data-part=called-sign]")).to_have_text(f"{len(late)}, {len(late)} late")
    expect(host).to_have_title(f"({len(late | asked)}) Friday night · host")
    shown = [json.loads(each) for each in host.evaluate("shown")]
    assert {ticket for each in shown for ticket in each["late"]} == late
    assert {ticket for each in shown for ticket in each["asks"]} == asked
    assert max(each["newest"] for each in shown) == PARTIES
    assert heard(host.evaluate("tones")) == to_hear(shown)
    assert host.evaluate("badges.at(-1)") == len(late | asked)
    sits = "SELECT 1 FROM queues_party WHERE queue_id = %s AND seated_at IS NOT NULL AND freed_at IS NULL"
    free = len(tables(stack)) - len(stack.sql(sits, line.session_id))
    expect(host.locator(".tables-sign")).to_have_text(f"Tables: {free} free")
    expect(host.locator("[data-fresh]")).to_have_text("Live")
    if FULL:  # of the small one the calls were aged beside the program
        stack.manage("reconcile", "--line", line.code)
    print(
        f"{tally.joins} joined, {len(late)} late, {len(asked)} asked; {len(shown)} lists; heard {heard(host.evaluate('tones'))}"
    )
