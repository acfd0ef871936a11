"""A week of a restaurant in Madrid, in which the clock changes, played with the real processes on Postgres's own clock, moved.

Web, timers and worker are killed now and then. Lines open and close when they should, to the minute, once each; the poster's
address works every day; reports add up to the events.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from tests.database_clock import DatabaseClock, moved_clock_of
from tests.faults.installation import PENDING, WRONG_FACTS
from tests.installation import NewStack, Stack, wait_until
from tests.queues.service_lines import at

ALL = ("web", "worker", "timers", "timers2")
TIMERS = ("timers", "timers2")
SET_UP = """
from datetime import date
from tests.queues.service_lines import DINNER, LUNCH, NIGHT, restaurant, service
from venues import commands
venue = restaurant()
service(venue, (LUNCH,), name="Lunch", last_entry_min=30)
service(venue, *[(DINNER,)] * 5, (NIGHT,), (), name="Dinner")
commands.set_exception(venue_id=venue.pk, service_id=None, day=date(2026, 3, 25), name="A holiday")
print("KEY", commands.create_api_key(venue=venue, name="till")[1])
"""
# A report of each day and one of the week, and what the events of each line do not explain.
TELL = """
import json
from dataclasses import asdict
from datetime import date, timedelta
from analytics import reports
from analytics.periods import Period
from queues import reconcile
from queues.models import Queue
from venues.models import Venue
venue, monday = Venue.objects.get(), date(2026, 3, 23)
week = Period(monday, monday + timedelta(days=6))
asked = [reports.of_venue(venue, period) for period in (*(Period(day, day) for day in week.days), week)]
told = [
    asdict(each.total) | {
        "by_day": [figures.parties for figures in each.dates.values()],
        "by_hour": [hour.figures.parties for hour in each.hours],
        "by_size": [figures.parties for figures in each.sizes.values()],
        "by_service": [figures.parties for _, figures in each.services],
    }
    for each in asked
]
checks = (reconcile.replayed, reconcile.structure, reconcile.effects)
wrong = [str(each) for line in Queue.objects.all() for check in checks for each in check(line.pk)]
print("TOLD", json.dumps({"reports": told, "wrong": wrong}))
"""
# Figures of a report, by the events that they count.
FIGURES = {
    "QUEUE_MEMBER_JOINED": "parties",
    "QUEUE_MEMBER_SERVED": "served",
    "QUEUE_MEMBER_LEFT": "left",
    "QUEUE_MEMBER_DROPPED": "no_shows",
}


@dataclass(frozen=True)
class Turn:
    """A span of the week, by Madrid's clock. `away`: which processes are killed, when, and when they are back. `opened` and
    `closed`: when the timers do it, where that is not on time; `opened` is "never" where they miss all of it."""

    service: str
    opens: str
    closes: str
    away: tuple[tuple[str, ...], str, str] = ((), "", "")
    opened: str = ""
    closed: str = ""
    # When a party joins besides those of the first half hour.
    late: str = ""

    @property
    def moments(self) -> list[datetime]:
        """All at which something happens, or must not happen yet."""
        opens, closes = at(self.opens), at(self.closes)
        usual = {opens - MINUTE, opens, self.guests_at, closes - QUARTER, closes - MINUTE, closes}
        return sorted(usual | {at(text) for text in (*self.away[1:], self.late) if text})

    @property
    def guests_at(self) -> datetime:
        """When the first parties join."""
        return at(self.opened if self.opened not in {"", "never"} else self.opens) + 2 * QUARTER

    def is_open(self, moment: datetime) -> bool:
        """Whether its line is open at this moment, with timers that run."""
        if self.opened == "never":
            return False
        return at(self.opened or self.opens) <= moment < at(self.closed or self.closes)


MINUTE, QUARTER = timedelta(minutes=1), timedelta(minutes=15)
WEEK = [
    Turn("Lunch", "2026-03-23 12:00", "2026-03-23 15:30"),
    Turn("Dinner", "2026-03-23 20:00", "2026-03-23 23:30", (("web",), "2026-03-23 20:05", "2026-03-23 20:10")),
    Turn(
        "Lunch", "2026-03-24 12:00", "2026-03-24 15:30", (TIMERS, "2026-03-24 11:30", "2026-03-24 12:40"),
        opened="2026-03-24 12:40",
    ),
    Turn("Dinner", "2026-03-24 20:00", "2026-03-24 23:30", (("worker",), "2026-03-24 20:31", "2026-03-24 22:00")),
    # Wednesday is a holiday.
    Turn("Lunch", "2026-03-26 12:00", "2026-03-26 15:30", (TIMERS, "2026-03-26 11:00", "2026-03-26 16:00"), opened="never"),
    Turn(
        "Dinner", "2026-03-26 20:00", "2026-03-26 23:30", (TIMERS, "2026-03-26 21:00", "2026-03-27 00:30"),
        closed="2026-03-27 00:30",
    ),
    Turn("Lunch", "2026-03-27 12:00", "2026-03-27 15:30"),
    Turn("Dinner", "2026-03-27 20:00", "2026-03-27 23:30"),
    Turn("Lunch", "2026-03-28 12:00", "2026-03-28 15:30"),
    # The clock goes from 02:00 to 03:00, so half past two is at three.
    Turn(
        "Dinner", "2026-03-28 20:00", "2026-03-29 03:00", (ALL, "2026-03-29 01:30", "2026-03-29 01:40"),
        late="2026-03-29 00:30",
    ),
    Turn("Lunch", "2026-03-29 12:00", "2026-03-29 15:30"),
]  # fmt: skip


@dataclass
class Restaurant:
    """The running program as its guests and its till see it."""

    stack: Stack
    clock: DatabaseClock
    key: str
    waiting: list[str] = field(default_factory=list)
    did: Counter[tuple[date, str]] = field(default_factory=Counter)

    def lines(self) -> list[dict[str, Any]]:
        """The open lines."""
        return self.stack.sql(
            "SELECT event_name, code, last_entry_at, entry_over FROM queues_queue WHERE closed_at IS NULL"
        )

    def swept(self, services: list[str]) -> bool:
        """Whether exactly these have an open line, and last entry is over where it should be. The timers note that as a change
        of the line, and an empty line closes a minute after its last change: late, if they noted it at the closing time."""
        lines = self.lines()
        over = all(line["entry_over"] == (line["last_entry_at"] <= self.clock.now) for line in lines)
        return over and [line["event_name"] for line in lines] == services

    def wait_for(self, services: list[str]) -> None:
        """Waits until exactly these have an open line."""
        try:
            wait_until(partial(self.swept, services), timeout_s=40)
        except AssertionError:
            logged = "".join(self.stack.log(name)[-1500:] for name in TIMERS)
            raise AssertionError(f"{self.clock.now}: {self.lines()}, not {services}; timers: {logged}") from None

    def poster(self) -> str:
        """What the poster's address shows."""
        answer = httpx.get(f"{self.stack.url()}/v/casa-ana", follow_redirects=True, timeout=20)
        assert answer.status_code == 200
        return answer.text

    def post(self, code: str, action: str, **body: Any) -> Any:
        """A guest's or the till's request."""
        path = f"{self.stack.url()}/api/queue/{code}/{action}"
        answer = httpx.post(path, json=body, headers={"api-key": self.key}, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def join(self, code: str, day: date, *sizes: int) -> None:
        """Parties of these sizes join."""
        for size in sizes:
            self.waiting.append(self.post(code, "join", name=f"Guest {size}", size=size)["partyId"])
            self.did[day, "QUEUE_MEMBER_JOINED"] += 1

    def end(self, code: str, day: date) -> None:
        """The first party leaves, the second is called and does not come, the others are seated."""
        left, missed, *seated = self.waiting
        self.post(code, "leave", partyId=left)
        self.post(code, "call", partyId=missed)
        self.post(code, "no-show", partyId=missed)
        for party in seated:
            self.post(code, "serve", partyId=party)
        self.did += Counter({(day, "QUEUE_MEMBER_LEFT"): 1, (day, "QUEUE_MEMBER_DROPPED"): 1})
        self.did[day, "QUEUE_MEMBER_SERVED"] += len(seated)
        self.waiting = []


@pytest.fixture
def restaurant(own_stack: NewStack) -> Restaurant:
    stack = own_stack("week", 13)
    clock = moved_clock_of(stack, at("2026-03-23 04:00"))
    key = stack.manage("shell", "--command", SET_UP).stdout.split("KEY ")[1].strip()
    stack.start(*ALL)
    return Restaurant(stack, clock, key)


def play(restaurant: Restaurant, turn: Turn) -> None:
    """One turn, from before its opening until its line is closed."""
    stack, day = restaurant.stack, at(turn.opens).date()
    killed, dies, returns = turn.away
    for moment in turn.moments:
        restaurant.clock.set(moment)
        if killed and moment == at(dies):
            for name in killed:
                stack.kill(name)
        if killed and moment == at(returns):
            stack.start(*killed)
        if "timers" in stack.processes:
            restaurant.wait_for([turn.service] if turn.is_open(moment) else [])
        if "web" not in stack.processes:
            continue
        lines = restaurant.lines()
        there = f"/api/queue/{lines[0]['code']}/snapshot" if lines else "No line is open"
        assert there in restaurant.poster(), moment
        if lines and moment == turn.guests_at:
            restaurant.join(lines[0]["code"], day, 2, 3, 4)
        if lines and turn.late and moment == at(turn.late):
            restaurant.join(lines[0]["code"], day, 5)
        if lines and moment == at(turn.closes) - QUARTER:
            restaurant.end(lines[0]["code"], day)


@pytest.mark.timeout(300)
def test_a_week_with_a_change_of_the_clock_and_processes_that_are_killed(restaurant: Restaurant) -> None:
    stack, poster = restaurant.stack, f"{restaurant.stack.url()}/v/casa-ana/qr.svg"
    printed = httpx.get(poster).content
    for turn in WEEK:
        play(restaurant, turn)
    restaurant.clock.forward(hours=1)  # what a killed worker had in hand is free again
    wait_until(lambda: stack.sql(PENDING)[0]["n"] == 0, timeout_s=60, what="all effects to be done")

    found = stack.sql("SELECT event_name, opens_at, opened_at, closed_at FROM queues_queue ORDER BY opened_at")
    assert [tuple(line.values()) for line in found] == [
        (turn.service, at(turn.opens), at(turn.opened or turn.opens), at(turn.closed or turn.closes))
        for turn in WEEK if turn.opened != "never"
    ]  # fmt: skip
    once = (
        "SELECT stream_id FROM outbox_event WHERE type IN ('QUEUE_OPENED', 'QUEUE_CLOSED')"
        " GROUP BY stream_id, type HAVING count(*) > 1"
    )
    assert stack.sql(once) == []
    assert httpx.get(poster).content == printed

    told = json.loads(stack.manage("shell", "--command", TELL).stdout.split("TOLD ")[1])
    assert told["wrong"] == [] and stack.sql(WRONG_FACTS) == []
    *days, week = told["reports"]
    counted = stack.sql(
        "SELECT q.opens_at::date AS day, e.type, count(*) FROM outbox_event e JOIN queues_queue q ON q.id = e.stream_id"
        " WHERE e.type = ANY(%s) GROUP BY 1, 2", list(FIGURES),
    )  # fmt: skip
    assert {(row["day"], row["type"]): row["count"] for row in counted} == dict(restaurant.did)
    for number, report in enumerate(days):
        day = date(2026, 3, 23) + timedelta(days=number)
        events = {figure: restaurant.did[day, event] for event, figure in FIGURES.items()}
        assert {figure: report[figure] for figure in events} == events, day
    for report in told["reports"]:
        for part in ("by_day", "by_hour", "by_size", "by_service"):
            assert sum(report[part]) == report["parties"], part
    for figure in (*FIGURES.values(), "guests", "served_guests"):
        assert sum(report[figure] for report in days) == week[figure], figure
    assert (week["parties"], week["guests"]) == (31, 10 * 9 + 5)
    assert [report["parties"] for report in days] == week["by_day"] == [6, 6, 0, 3, 6, 7, 3]
    assert (week["waiting"], week["closed_out"], week["kicked"]) == (0, 0, 0)
