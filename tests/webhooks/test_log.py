"""The events of a venue in the order of time: none is added before what a reader passed; many rows go by an index."""

# ruff: noqa: S608 — of names in our own models
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from outbox.models import Event
from queues import commands, lists
from queues.models import Party, Queue
from tests.webhooks.conftest import open_line
from venues.commands import create_venue
from venues.models import Venue
from web.paging import Asked
from webhooks import log
from webhooks.events import TYPES
from webhooks.horizon import complete_until
from webhooks.log import Place

LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
LINES, PARTIES = 3_000, 20_000


@pytest.fixture
def other(line: Queue) -> Iterator[psycopg.Connection[Any]]:
    """Another program's connection to the same database, in no transaction."""
    wanted = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: wanted[name] for name in names if name in wanted}) as opened:
        yield opened


def columns(model: Any, *without: str) -> list[str]:
    return [str(field.column) for field in model._meta.fields if field.name not in without]


def told(venue: Venue, after: Place) -> list[int]:
    rows, _ = log.events_of(venue.pk, after=after, until=complete_until(), most=500)
    return [row.pk for row in rows]


def test_what_is_not_committed_holds_back_what_came_after_it(
    venue: Venue, line: Queue, other: psycopg.Connection[Any]
) -> None:
    start = Place(LONG_AGO, 0)
    before = told(venue, start)
    assert before == list(Event.objects.order_by("pk").values_list("pk", flat=True)[:1]), "the line's opening"
    copied = ", ".join(columns(Event, "id", "version", "at"))
    late = other.execute(
        f"INSERT INTO outbox_event ({copied}, version, at) SELECT {copied}, 77, clock_timestamp() FROM outbox_event"
        " WHERE stream_id = %s ORDER BY id LIMIT 1 RETURNING id, at",
        [line.pk],
    ).fetchone()
    assert late is not None
    commands.join(open_line(venue, "Bar").pk, name="Ada")
    newer = set(Event.objects.filter(at__gt=late[1]).values_list("pk", flat=True))
    assert newer and told(venue, start) == before, "a reader that saw these would pass the one that is to come"
    other.commit()
    after = told(venue, start)
    assert after[0] == before[0] and after[1] == late[0] and newer & set(after)
    other.commit()


def test_a_reader_that_writes_nothing_holds_nothing_back_for_long(line: Queue, other: psycopg.Connection[Any]) -> None:
    """A backup reads for hours. It is younger than a minute here, so it holds; what has waited longer does not."""
    [began] = other.execute("SELECT xact_start FROM pg_stat_activity WHERE pid = pg_backend_pid()").fetchone() or [None]
    assert began is not None and complete_until() == began
    other.commit()
    assert complete_until() > began


# --------------------------------------------------------------------------------------------------------- many rows
@pytest.fixture
def many(venue: Venue, line: Queue) -> UUID:
    """A venue with three thousand closed lines, of which many opened at one time, and one line with twenty thousand parties."""
    party = commands.join(line.pk, name="Ada").party
    _copy(Queue, line.pk, LINES, id="gen_random_uuid()", code="translate((100000 + n)::text, '01', 'AB')", create_key="NULL",
          opened_at="opened_at - (n / 7) * interval '1 hour'", closed_at="opened_at - (n / 7) * interval '1 hour'",
          last_activity_at="opened_at - (n / 7) * interval '1 hour'")  # fmt: skip
    _copy(Party, party.pk, PARTIES, id="gen_random_uuid()", ticket="n + 1", rank="n + 1", join_key="NULL",
          status="'served'", ended_at="joined_at")  # fmt: skip
    with connection.cursor() as cursor:
        # An event of each of the old lines.
        fields = columns(Event, "id", "stream_id", "at")
        named = ", ".join(fields)
        cursor.execute(
            f"INSERT INTO outbox_event ({named}, stream_id, at) SELECT {', '.join('e.' + name for name in fields)},"
            " q.id, q.opened_at FROM queues_queue q, (SELECT * FROM outbox_event WHERE stream_id = %s ORDER BY id LIMIT 1) e"
            " WHERE q.id <> %s",
            [line.pk, line.pk],
        )
        for table in ("queues_queue", "queues_party", "outbox_event"):
            cursor.execute(f"ANALYZE {table}")
    return line.pk


def _copy(model: Any, pk: UUID | int, times: int, **changed: str) -> None:
    """Copies of a row, with these columns by what SQL says of `n`, the number of the copy."""
    named = columns(model)
    chosen = ", ".join(changed.get(name, name) for name in named)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(named)}) SELECT {chosen}"
            f" FROM {model._meta.db_table}, generate_series(1, %s) AS n WHERE id = %s",
            [times, pk],
        )


def plans(captured: CaptureQueriesContext) -> str:
    """How Postgres finds the rows of these statements."""
    found = []
    statements = [query["sql"] for query in captured.captured_queries]
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(f"EXPLAIN {sql}")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.thorough
def test_a_page_in_the_middle_of_many_lines_goes_by_the_index(venue: Venue, many: UUID) -> None:
    rows = list(lists.lines_of(venue.pk, open_only=False).order_by("-opened_at", "-pk")[: LINES // 2])
    last = rows[-1]
    behind = Asked("lines", 50, [last.opened_at.isoformat(), str(last.pk)])
    with CaptureQueriesContext(connection) as captured:
        page = behind.newest_first(lists.lines_of(venue.pk, open_only=False), "opened_at").rows
        lists.counts_in(page)
    assert len(page) == 50 and not {row.pk for row in page} & {row.pk for row in rows}
    plan = plans(captured)
    assert "queue_of_venue" in plan and "Seq Scan" not in plan, plan


@pytest.mark.thorough
def test_a_page_in_the_middle_of_many_parties_goes_by_the_index(many: UUID) -> None:
    with CaptureQueriesContext(connection) as captured:
        page = lists.parties_of(many, after=PARTIES // 2, most=51)
    assert [row.ticket for row in page] == list(range(PARTIES // 2 + 1, PARTIES // 2 + 52))
    plan = plans(captured)
    assert "one_party_per_ticket" in plan and "Seq Scan" not in plan, plan


@pytest.mark.thorough
def test_all_events_of_many_lines_come_in_pages_by_the_index(venue: Venue, many: UUID) -> None:
    seen: list[int] = []
    after, until = Place(LONG_AGO, 0), complete_until()
    while True:
        rows, codes = log.events_of(venue.pk, after=after, until=until, most=200)
        assert all(row.stream_id in codes for row in rows)
        seen += [row.pk for row in rows]
        if not rows:
            break
        after = log.in_order(rows)
    assert len(seen) == len(set(seen)) == Event.objects.filter(stream="queue", at__lt=until).count() > LINES
    with CaptureQueriesContext(connection) as captured:
        log.events_of(venue.pk, after=Place(clock.now() - timedelta(hours=200), 0), until=until, most=200)
    plan = plans(captured)
    # The venue's own lines may be read as they lie: they are a small part of what happened in them.
    scanned = [row.split("(cost")[0].strip() for row in plan.splitlines() if "Scan" in row and "outbox_event" in row]
    assert scanned and all("using" in row or "Bitmap" in row for row in scanned), scanned


def rows_read(captured: CaptureQueriesContext) -> int:
    """How many events Postgres looks at for these statements."""

    def of(plan: dict[str, Any]) -> int:
        looked = sum(
            plan.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        )
        mine = looked * plan["Actual Loops"] if plan.get("Relation Name") == "outbox_event" else 0
        return round(mine) + sum(of(each) for each in plan.get("Plans", ()))

    with connection.cursor() as cursor:
        found = 0
        for query in list(captured.captured_queries):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query['sql']}")
            found += of(cursor.fetchone()[0][0]["Plan"])
    return found


BUSY, OTHERS = 20_000, 40_000


@pytest.fixture
def silent(venue: Venue, line: Queue) -> Queue:
    """A line to which much happened six years ago, a second after another, and nothing since until now; all the time many things
    happened in another venue's."""
    theirs = open_line(create_venue(name="Red Door", timezone_name="Europe/Paris"))
    for each, times, apart in ((line, BUSY, "1 second"), (theirs, OTHERS, f"{6 * 365 * 86_400 // OTHERS} seconds")):
        opened = clock.now() - timedelta(days=6 * 365)
        Queue.objects.filter(pk=each.pk).update(opened_at=opened)
        Event.objects.filter(stream_id=each.pk).update(at=opened)
        [first] = Event.objects.filter(stream_id=each.pk).values_list("pk", flat=True)
        _copy(Event, first, times, id="nextval(pg_get_serial_sequence('outbox_event', 'id'))", version="1000000 + n",
              at=f"at + n * interval '{apart}'")  # fmt: skip
    commands.join(line.pk, name="Ada")
    with connection.cursor() as cursor:
        for table in ("queues_queue", "outbox_event"):
            cursor.execute(f"ANALYZE {table}")
    return line


@pytest.mark.thorough
def test_a_page_of_events_reads_what_it_returns(venue: Venue, silent: Queue) -> None:
    """At the beginning of a busy night, in its middle, at its end, and behind it, where years of silence follow."""
    most = 200
    ours = list(Event.objects.filter(stream_id=silent.pk).order_by("at", "pk").values_list("at", "pk", "type"))
    until = complete_until()
    for left in (BUSY, BUSY // 2, 150, 0):
        last = ours[BUSY - left][:2]
        with CaptureQueriesContext(connection) as captured:
            rows, _ = log.events_of(venue.pk, after=Place(*last), until=until, most=most)
        told = [pk for at, pk, kind in ours if kind in TYPES and at < until and (at, pk) > last]
        assert [row.pk for row in rows] == told[:most] and rows, left
        assert rows_read(captured) <= len(rows) + 20, left
