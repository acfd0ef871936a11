"""One wait: at a version of a line, a party's range is the same wherever it is shown; and no range falls while nothing moves."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import unescape
from random import Random
from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.test import Client

from core import clock
from core.clock import milliseconds
from core.errors import Refused
from outbox import dispatcher
from queues import commands, selectors, shapes
from queues.edge.lines import Line
from queues.models import Party, Queue
from queues.occupancy import wait_of
from queues.pages import labels
from queues.pages.board import party_context
from queues.pages.joinable import Joinable
from queues.pages.ticket_state import range_of, ticket_state
from reach import messages
from reach.notices import Kind
from tests.installation import FULL
from tests.page_client import page
from tests.properties.compare import wait_at
from venues import commands as venue_commands
from venues.models import Venue

pytestmark = pytest.mark.django_db

SIZES = (1, 2, 2, 3, 4, 5, 8)
Range = tuple[int, int]


class Evening:
    """A line whose clock the test sets; hosts and guests act at random."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int, *, tables: bool = False) -> None:
        self.now = datetime(2026, 3, 6, 18, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda *, using="": self.now)
        monkeypatch.setattr(dispatcher, "after_commit", lambda *_: None)
        self.chance = Random(seed)  # noqa: S311
        self.venue: Venue = venue_commands.create_venue(name="Casa Azul", timezone_name="UTC")
        self.tables = keep_tables(self.venue, at=self.now) if tables else []
        new = commands.NewLine(event_name="Dinner", max_guests=500)
        self.line: Queue = commands.open_line(new, venue=self.venue)

    def wait(self, *minutes: float) -> None:
        self.now += timedelta(minutes=self.chance.choice(minutes))

    def party(self, *statuses: str) -> Party | None:
        found = list(Party.objects.filter(queue=self.line, status__in=statuses).order_by("ticket"))
        return self.chance.choice(found) if found else None

    def moves(self) -> None:
        """Somebody does something that may change every wait."""
        waiting, called = self.party("waiting"), self.party("called")
        acts: list[Any] = [*[self.joins] * 6, lambda: commands.call(self.line.pk)]
        if waiting:
            acts += [
                lambda: commands.call(self.line.pk, party_id=waiting.pk),
                lambda: commands.leave(self.line.pk, party_id=waiting.pk),
                lambda: commands.edit_party(self.line.pk, party_id=waiting.pk, size=self.chance.choice(SIZES)),
                lambda: commands.edit_party(self.line.pk, party_id=waiting.pk, quote_ms=(900_000, 1_500_000)),
                lambda: commands.reorder(self.line.pk, party_id=waiting.pk, position=1),
                lambda: commands.serve(self.line.pk, party_id=waiting.pk),
            ]
        if called:
            acts += [
                lambda: commands.serve(self.line.pk, party_id=called.pk),
                lambda: commands.no_show(self.line.pk, party_id=called.pk),
                lambda: commands.put_back(self.line.pk, party_id=called.pk),
            ]
        acts += [self.sits, self.frees] * 3 if self.tables else []
        self.chance.choice(acts)()

    def sits(self) -> None:
        """A party sits down at a table, or is refused where another sits."""
        if party := self.party("waiting", "called"):
            commands.serve(self.line.pk, party_id=party.pk, table_ids=[self.chance.choice(self.tables)])

    def frees(self) -> None:
        """The party that sits longest leaves its table."""
        sitting = Party.objects.filter(queue=self.line, seated_at__isnull=False, freed_at=None).order_by("seated_at")
        if party := sitting.first():
            commands.free_table(self.line.pk, party_id=party.pk)

    def joins(self) -> None:
        """What is told at the join is what a page says to a party of this size in that state, and what its ticket says."""
        size = self.chance.choice(SIZES)
        line = Queue.objects.get(pk=self.line.pk)
        line.last_activity_at = self.now
        now = Joinable.of(line)
        party = commands.join(self.line.code, size=size).party
        assert (party.quote_low_ms, party.quote_high_ms) == (of_size(now.by_size, size) or (now.low_ms, now.high_ms))
        assert own_wait(party) == (party.quote_low_ms, party.quote_high_ms)

    def stands_still(self) -> None:
        """Something happens that moves no party forward."""
        waiting = self.party("waiting")
        acts: list[Any] = [self.joins, lambda: commands.pause(self.line.pk), lambda: commands.resume(self.line.pk)]
        if waiting:
            acts += [
                lambda: commands.declare_nearby(self.line.pk, party_id=waiting.pk),
                lambda: commands.edit_party(self.line.pk, party_id=waiting.pk, name="Ada", note="by the window"),
                lambda: commands.send_message(self.line.pk, text="A moment, please."),
            ]
        self.chance.choice(acts)()


def keep_tables(venue: Venue, *, at: datetime) -> list[int]:
    """Gives the venue six tables, and a week ago an evening on which parties sat there and left."""
    made = [
        table.pk
        for seats, names in ((2, ["1", "2", "3"]), (4, ["4", "5"]), (6, ["6"]))
        for table in venue_commands.add_tables(venue_id=venue.pk, names=names, seats=seats)
    ]
    new = commands.NewLine(event_name="Last week", max_guests=500)
    line = commands.open_line(new, venue=venue)
    before = at - timedelta(days=7)
    Queue.objects.filter(pk=line.pk).update(opened_at=before, closed_at=at - timedelta(days=6))
    Party.objects.bulk_create(
        Party(
            queue=line, ticket=number, rank=number, size=SIZES[number % 5], status="served", tables=[made[number % 6]],
            joined_at=before, ended_at=before, quote_low_ms=0, quote_high_ms=0,
            seated_at=before, freed_at=before + timedelta(minutes=40 + number),
        )
        for number in range(1, 31)
    )  # fmt: skip
    return made


def of_size(by_size: list[list[int | None]] | None, size: int) -> Range | None:
    """The wait of that size in a list by size, where there is one."""
    for guests, low, high in by_size or []:
        if guests is None or size <= guests:
            assert low is not None and high is not None
            return low, high
    return None


def own_wait(party: Party) -> Range:
    """As its ticket has it."""
    state = ticket_state(Party.objects.select_related("queue").get(pk=party.pk))
    return state["waitLowMs"], state["waitHighMs"]


def waits(row: shapes.Row) -> dict[int, Range]:
    """By ticket, as the public snapshot has them."""
    return {each["ticket"]: (each["waitLowMs"], each["waitHighMs"]) for each in shapes.public(row)["queue"]}


def row_of(line: Queue) -> shapes.Row:
    row = selectors.current_row(line.pk)
    assert row is not None
    return row


def shown_everywhere(evening: Evening) -> None:
    """The waits of who waits and of who would join are the same in every view of this version."""
    line = Queue.objects.select_related("venue").get(pk=evening.line.pk)
    row = row_of(line)
    public, console = shapes.public(row), shapes.console(row)
    changes = orjson.loads(Line(row).public(row["version"]).body)
    for index, (shown, of_host) in enumerate(zip(public["queue"], console["waiting"], strict=True)):
        wait = shown["waitLowMs"], shown["waitHighMs"]
        assert (of_host["waitLowMs"], of_host["waitHighMs"]) == wait
        party = Party.objects.select_related("queue").get(queue=line, ticket=shown["ticket"])
        state = ticket_state(party)
        if party.quoted_by_host:  # the rest of it, which each page counts down from the same two times
            assert state["promised"] == tuple(public["promised"][str(party.ticket)])
        else:
            assert own_wait(party) == wait == tuple(wait_at(changes, party.size, index))
        # A place is one number; who is called is being seated and has none.
        assert state["position"] == index + 1
        told = wait_of(party, now_ms=milliseconds(evening.now))
        message = messages.coming_closer(party, told, Kind.POS_2)
        assert message is not None
        assert range_of(state) in message.body
        # The first is always told a range, and so is who has a host's promise.
        unknown = "waitsUnknown" in public and index > 0 and not party.quoted_by_host
        assert (told.known, state["waitUnknown"]) == (not unknown, unknown)
        host = party_context(line, party.ticket)
        assert host is not None and host["party"]["expected"] == range_of(state), "the host reads what the guest reads"
        assert f"number {index + 1} in line" in message.body
    joining = public["joinLowMs"], public["joinHighMs"]
    now = Joinable.of(line)
    assert (now.low_ms, now.high_ms) == joining and now.by_size == public.get("joinBySize", [])
    assert of_size(now.by_size, 2) in {None, joining}
    assert (
        now.known == ("joinUnknown" not in public) == ("joinUnknown" not in console) == ("joinUnknown" not in changes)
    )


def shown_in_pages(evening: Evening) -> None:
    """The same in the pages' own words."""
    line = Queue.objects.get(pk=evening.line.pk)
    public = shapes.public(row_of(line))
    said = labels.wait_range(public["joinLowMs"], public["joinHighMs"], known="joinUnknown" not in public)
    stranger = Client()
    listed = stranger.get(f"/v/{evening.venue.slug}/lines.json").json()["lines"][0]
    assert (listed["joinLowMs"], listed["joinHighMs"]) == (public["joinLowMs"], public["joinHighMs"])
    assert listed["joinUnknown"] == public.get("joinUnknown", False)
    assert f">{said}</strong>" in page(stranger, f"/queue/{line.code}")
    wall = page(stranger, f"/queue/{line.code}/wall")
    assert re.search(r"data-wait>([^<]*)<", wall)[1] == said  # type: ignore[index]
    for shown in public["queue"]:
        party = Party.objects.get(queue=line, ticket=shown["ticket"])
        guest = Client()
        guest.cookies[f"place_{line.code}"] = str(party.pk)
        ticket = page(guest, f"/queue/{line.code}/ticket")
        own = guest.get(f"/queue/{line.code}/place.json").json()
        assert unescape(re.search(r"data-range>([^<]*)<", ticket)[1]) == range_of(own)  # type: ignore[index]


@pytest.mark.faults
@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3 if FULL else 2))
@pytest.mark.parametrize(("model", "tables"), [(1, False), (2, True), (3, False), (3, True)])
def test_the_same_state_tells_the_same_wait_everywhere(
    model: int, tables: bool, seed: int, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUOTE_MODEL = model
    evening = Evening(monkeypatch, seed, tables=tables)
    compared = 0
    for step in range(48):
        evening.wait(0, 0.5, 2, 5, 12)
        with suppress(Refused):
            evening.moves()
        if step % 6 == 5:
            shown_everywhere(evening)
            compared += len(row_of(evening.line)["waiting"])
    shown_in_pages(evening)
    assert compared > 5


@pytest.mark.faults
@pytest.mark.thorough
@pytest.mark.parametrize("tables", [False, True])
@pytest.mark.parametrize("seed", range(4 if FULL else 2))
def test_no_wait_falls_while_nothing_moves(
    seed: int, tables: bool, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUOTE_MODEL = 3
    evening = Evening(monkeypatch, seed, tables=tables)
    for _ in range(25):
        evening.wait(1, 3, 6)
        with suppress(Refused):
            evening.moves()
    commands.resume(evening.line.pk)
    for _ in range(3):
        evening.joins()
    before = waits(row_of(evening.line))
    promised = set(Party.objects.filter(queue=evening.line, quoted_by_host=True).values_list("ticket", flat=True))
    for _ in range(15):
        evening.wait(1, 4, 15)
        with suppress(Refused):
            evening.stands_still()
        now = waits(row_of(evening.line))
        for ticket in before.keys() - promised:
            assert now[ticket] >= before[ticket] and now[ticket][1] >= before[ticket][1], f"ticket {ticket}"
        before = now


@pytest.mark.thorough
def test_a_line_begins_with_ranges_as_wide_as_the_venues_last_line_left_them(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUOTE_MODEL = 3
    evening = Evening(monkeypatch, 1)
    for _ in range(60):
        evening.wait(0, 0.5, 2, 5, 12)
        with suppress(Refused):
            evening.moves()
    left = Queue.objects.get(pk=evening.line.pk).flow["factor"]
    assert left != 1
    new = commands.NewLine(event_name="Dinner", max_guests=500)
    replayed = commands.open_line(new, venue=evening.venue)
    Queue.objects.filter(pk=replayed.pk).update(time_scale=60, flow={"factor": 2.5})
    evening.wait(24 * 60)
    tomorrow = commands.open_line(new, venue=evening.venue)
    assert tomorrow.past["factor"] == tomorrow.flow["factor"] == left
