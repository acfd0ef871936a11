"""The checks of `manage.py reconcile` on lines. Each looks at one line and yields a sentence per difference.

They run in one read-only repeatable-read transaction per line: a line that is in use is seen at one instant.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from core.change import plain
from outbox import reconcile
from outbox.effects import EFFECTS
from outbox.models import Event
from queues.fields import PARTY_FIELDS, QUEUE_FIELDS, STREAM
from queues.models import Party, Queue
from queues.replay import Replay

CHUNK = 2000


def lines(code: str | None = None) -> Iterator[tuple[UUID, str]]:
    """(id, name to print) of every line, or of the one with this code."""
    return reconcile.chosen("line", Queue.objects.order_by("opened_at", "pk"), code)


def replayed(queue_id: UUID) -> Iterator[str]:
    """Replaying the line's events gives its present state; versions run 1..n, seq 0..m, every `before` is true."""
    replay = Replay()
    events = Event.objects.filter(stream=STREAM, stream_id=queue_id).order_by("version", "seq")
    for event in events.only("version", "seq", "type", "changes").iterator(CHUNK):
        yield from replay.apply(event)
    queue = Queue.objects.get(pk=queue_id)
    row = {name: plain(getattr(queue, name)) for name in QUEUE_FIELDS}
    yield from replay.compare_queue(row, version=queue.version)
    parties = Party.objects.filter(queue_id=queue_id).order_by("ticket").values("pk", *PARTY_FIELDS)
    for party in parties.iterator(CHUNK):
        yield from replay.compare_party(str(party["pk"]), {name: plain(party[name]) for name in PARTY_FIELDS})
    yield from replay.missing_parties()


# (what is wrong, a query of (queue id) for how many there are).
_STRUCTURE = (
    (
        "tickets are missing or too many: 1 to {0} were given out, {1} parties hold tickets {2} to {3}",
        """SELECT q.next_ticket - 1, count(p.id), min(p.ticket), max(p.ticket)
             FROM queues_queue q LEFT JOIN queues_party p ON p.queue_id = q.id WHERE q.id = %s GROUP BY q.id
           HAVING count(p.id) <> q.next_ticket - 1
               OR count(p.id) > 0 AND (min(p.ticket) <> 1 OR max(p.ticket) <> q.next_ticket - 1)""",
    ),
    (
        "it is closed, and {0} parties are still in it",
        """SELECT count(*) FROM queues_party p JOIN queues_queue q ON q.id = p.queue_id
            WHERE q.id = %s AND q.closed_at IS NOT NULL AND p.status IN ('waiting', 'called') HAVING count(*) > 0""",
    ),
    (
        "party {0} (ticket {1}) is {2}, which does not go with its times: called {3}, deadline {4}, ended {5}",
        """SELECT id, ticket, status, called_at, call_deadline, ended_at FROM queues_party WHERE queue_id = %s
              AND ((ended_at IS NULL) <> (status IN ('waiting', 'called'))
                OR (status = 'called') <> (call_deadline IS NOT NULL)
                OR status = 'called' AND called_at IS NULL)""",
    ),
    (
        "party {0} (ticket {1}) is {2}, which does not go with its tables: {3}, since {4}, until {5}",
        """SELECT id, ticket, status, tables, seated_at, freed_at FROM queues_party WHERE queue_id = %s
              AND ((tables <> '[]') <> (seated_at IS NOT NULL) OR seated_at IS NOT NULL AND status <> 'served'
                OR freed_at IS NOT NULL AND seated_at IS NULL)""",
    ),
    (
        "party {0} (ticket {1}) sits at table {2}, and so does party {3}",
        """SELECT p.id, p.ticket, t.id, o.id FROM queues_party p JOIN queues_queue q ON q.id = p.queue_id
             CROSS JOIN LATERAL jsonb_array_elements_text(p.tables) AS t (id)
             JOIN queues_queue v ON v.venue_id = q.venue_id
             JOIN queues_party o ON o.queue_id = v.id AND o.id <> p.id AND o.tables @> to_jsonb(t.id::bigint)
            WHERE p.queue_id = %s AND p.seated_at IS NOT NULL AND p.freed_at IS NULL
              AND o.seated_at IS NOT NULL AND o.freed_at IS NULL""",
    ),
    (
        "party {0} (ticket {1}) is late since {2}, which does not go with its call: it is {3}, until {4}",
        """SELECT id, ticket, late_at, status, call_deadline FROM queues_party WHERE queue_id = %s AND late_at IS NOT NULL
              AND (status <> 'called' OR call_deadline > late_at)""",
    ),
)


def structure(queue_id: UUID) -> Iterator[str]:
    """Tickets are 1..n without a gap, a closed line has no parties in it, states and times are consistent, no table has two
    parties."""
    with connection.cursor() as cursor:
        for sentence, query in _STRUCTURE:
            cursor.execute(query, [queue_id])
            for row in cursor:
                yield sentence.format(*row)


def effects(queue_id: UUID) -> Iterator[str]:
    """Every event has exactly the effects that outbox.effects lists, done or not; `reach` in place of `push` where its party had
    a contact (queues/change.py), or none where nobody had; `guests` with those that have one."""
    wanted = [(type_, name) for type_, names in EFFECTS.items() for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS w(type, name)),
                 events AS (SELECT id, version, seq, type FROM outbox_event WHERE stream = %s AND stream_id = %s)
            SELECT e.version, e.seq, e.type, w.name, 'is missing' FROM events e JOIN wanted w ON w.type = e.type
             WHERE w.name NOT IN ('reach', 'guests')
               AND NOT EXISTS (SELECT 1 FROM outbox_effect f WHERE f.event_id = e.id
                                  AND (f.name = w.name OR w.name = 'push' AND f.name = 'reach'))
            UNION ALL
            SELECT e.version, e.seq, e.type, f.name, 'should not be' FROM events e JOIN outbox_effect f ON f.event_id = e.id
             WHERE NOT EXISTS (SELECT 1 FROM wanted w WHERE w.type = e.type AND w.name = f.name)
                OR f.name = 'push' AND EXISTS (SELECT 1 FROM outbox_effect r WHERE r.event_id = e.id AND r.name = 'reach')
             ORDER BY 1, 2
            """,
            [[type_ for type_, _ in wanted], [name for _, name in wanted], STREAM, queue_id],
        )
        for version, seq, type_, name, what in cursor:
            yield f"event {version}.{seq} {type_}: its effect {name} {what}"


def unknown_streams() -> Iterator[str]:
    """Events of lines that do not exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT stream_id, count(*) FROM outbox_event e WHERE stream = %s
                  AND NOT EXISTS (SELECT 1 FROM queues_queue q WHERE q.id = e.stream_id) GROUP BY 1""",
            [STREAM],
        )
        for stream_id, count in cursor:
            yield f"{count} events are of a line {stream_id} that does not exist"
