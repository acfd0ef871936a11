"""Reads of lines from Postgres."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.codes import is_code, row_by_code
from core.identifiers import read_id
from core.json_types import View
from queues import deltas, rules, shapes
from queues.models import Party, Queue
from queues.visits import ASKED_WITHIN
from venues.models import Service, Venue

MOST_IDENTITIES = 10_000
_identities: dict[str, "Identity"] = {}
# How long an ended party stays in the line's row; later requests for it are answered from Postgres.
REMEMBERED_MIN = 10
# A line with more parties waiting is long: a reader that has a version of it gets what changed since, not all of it.
LONG_LINE = 300
# Versions included in each delta message of a long line, for readers that missed one.
TOLD_VERSIONS = 8
# If more parties changed than this, the whole row is sent instead.
MOST_CHANGED = 1_000


@dataclass(frozen=True, slots=True)
class Identity:
    """The immutable fields of a line."""

    pk: UUID
    code: str
    venue_id: UUID | None


def identity(code: str) -> Identity | None:
    """The line with this code, in any case. Cached in the process, for code and venue are immutable and lines are never
    deleted."""
    if (known := identity_at_hand(code)) or not is_code(code):
        return known
    found = Queue.objects.filter(code=code.upper()).values_list("pk", "code", "venue_id").first()
    if found is None:
        return None
    if len(_identities) >= MOST_IDENTITIES:
        _identities.clear()
    known = _identities[code.upper()] = Identity(*found)
    return known


def token_version(queue_id: UUID) -> int:
    """The number of the line's valid host tokens. Raises Queue.DoesNotExist."""
    version: int = Queue.objects.values_list("token_version", flat=True).get(pk=queue_id)
    return version


def identity_at_hand(code: str) -> Identity | None:
    """The same if it is cached, else None."""
    return _identities.get(code.upper())


def line_by_code(code: str) -> Queue | None:
    """The line with this code, in any case."""
    return row_by_code(Queue.objects.select_related("venue", "service"), code)


def largest_party(line: Queue | Identity) -> int:
    """The largest party that may join this line, in guests."""
    if line.venue_id is None:
        return int(settings.LARGEST_PARTY)
    return Venue.objects.values_list("largest_party", flat=True).get(pk=line.venue_id)


_PARTY = """json_build_object(
    'id', id, 'ticket', ticket, 'rank', rank, 'name', name, 'size', size, 'note', note, 'status', status,
    'nearby', nearby, 'walkIn', walk_in, 'joinedAt', floor(extract(epoch FROM joined_at) * 1000),
    'quoteLowMs', quote_low_ms, 'quoteHighMs', quote_high_ms,
    'calledAt', floor(extract(epoch FROM called_at) * 1000),
    'deadline', floor(extract(epoch FROM call_deadline) * 1000),
    'wantsMoreTime', status = 'called' AND more_time = 'asked',
    'lateAt', floor(extract(epoch FROM late_at) * 1000),
    'onMyWayAt', CASE WHEN status = 'called' THEN floor(extract(epoch FROM on_my_way_at) * 1000) END,
    'hasPhone', NOT without_phone, 'message', message, 'section', section,
    'hasContact', has_contact, 'wroteAt', floor(extract(epoch FROM wrote_at) * 1000), 'textsStopped', texts_stopped)"""
# `called` is sorted here: calledAt, in ms, is too coarse to sort by.
_ALL = f"""json_build_object(
    'waiting', (SELECT coalesce(json_agg({_PARTY} ORDER BY rank, ticket), '[]')
                  FROM queues_party WHERE queue_id = q.id AND status = 'waiting'),
    'called', (SELECT coalesce(json_agg({_PARTY} ORDER BY called_at, rank, ticket), '[]')
                 FROM queues_party WHERE queue_id = q.id AND status = 'called'),
    'gone', (SELECT coalesce(json_object_agg(id, status), '{{}}') FROM queues_party
              WHERE queue_id = q.id AND ended_at > q.last_activity_at - make_interval(mins => %(remembered)s)),
    'served', (SELECT count(*) FROM queues_party WHERE queue_id = q.id AND status = 'served'))"""  # noqa: S608 ours
# The events of a version name the parties it changed (law 4); their rows hold what they are now.
_CHANGED = f"""(
    WITH told AS (
        SELECT version, changes FROM outbox_event
         WHERE stream_id = q.id AND version > coalesce(%(since)s::bigint, q.version - {TOLD_VERSIONS})
    ), touched AS (
        SELECT version, key::uuid AS party, value AS fields FROM told, jsonb_each(changes->'parties')
         LIMIT {MOST_CHANGED} + 1
    )
    SELECT json_build_object(
        'versions', (SELECT coalesce(json_agg(DISTINCT version), '[]') FROM told),
        'tooMany', (SELECT count(*) > {MOST_CHANGED} FROM touched),
        'called', (SELECT coalesce(json_agg({_PARTY} ORDER BY called_at, rank, ticket), '[]')
                     FROM queues_party WHERE queue_id = q.id AND status = 'called'),
        'parties', (SELECT coalesce(json_agg({_PARTY}), '[]') FROM queues_party
                     WHERE id = ANY(ARRAY(SELECT party FROM touched))),
        'served', (SELECT coalesce(json_agg(json_build_array(version, (fields->'status'->>1 = 'served')::int
                     - coalesce(fields->'status'->>0 = 'served', false)::int)), '[]')
                     FROM touched WHERE fields->'status' @> '["served"]')))"""  # noqa: S608 ours
# Until when the wait that a host promised lasts, at least and at most. A replayed line's time runs faster.
_PROMISED = """json_build_array(
    floor(extract(epoch FROM joined_at) * 1000 + quote_low_ms / q.time_scale),
    floor(extract(epoch FROM joined_at) * 1000 + quote_high_ms / q.time_scale))"""
# One statement, so that version and parties are of one instant.
_NEWEST = f"""
SELECT json_build_object(
           'version', q.version, 'sessionId', q.id, 'code', q.code, 'eventName', q.event_name,
           'tokenVersion', q.token_version,
           'maxGuests', q.max_guests, 'paused', q.paused, 'closed', q.closed_at IS NOT NULL, 'paceMs', q.pace_ms,
           'openedAt', floor(extract(epoch FROM q.opened_at) * 1000),
           'closesAt', floor(extract(epoch FROM q.closes_at) * 1000),
           'quoteModel', q.quote_model, 'flow', q.flow, 'past', q.past,
           'at', floor(extract(epoch FROM q.last_activity_at) * 1000), 'timeScale', q.time_scale, 'asked', q.asked,
           'noted', (SELECT coalesce(json_agg(json_build_object(
               'ticket', ticket, 'edits', edits, 'promised', CASE WHEN quoted_by_host THEN {_PROMISED} END)
               ORDER BY ticket), '[]')
               FROM queues_party WHERE queue_id = q.id AND status = 'waiting' AND (edits > 0 OR quoted_by_host)),
           'entryOver', q.entry_over, 'hereOnly', q.here_only, 'pauseReason', q.pause_reason,
           'wait', CASE WHEN q.wait_until IS NOT NULL THEN json_build_object(
             'lowMs', q.wait_low_ms, 'highMs', q.wait_high_ms,
             'until', floor(extract(epoch FROM q.wait_until) * 1000)) END,
           'hours', CASE WHEN q.closing_at IS NOT NULL THEN json_build_object(
             'lastEntry', floor(extract(epoch FROM q.last_entry_at) * 1000),
             'closing', floor(extract(epoch FROM q.closing_at) * 1000),
             'end', floor(extract(epoch FROM q.closes_at) * 1000)) END,
           'message', CASE WHEN q.message <> '' THEN
             json_build_object('text', q.message, 'at', floor(extract(epoch FROM q.message_at) * 1000)) END)::text,
       (CASE WHEN %(long)s::int IS NULL OR %(long)s::int >= 0 AND NOT EXISTS (
                 SELECT 1 FROM queues_party WHERE queue_id = q.id AND status = 'waiting' OFFSET greatest(%(long)s::int, 0))
             THEN {_ALL} ELSE {_CHANGED} END)::text
  FROM queues_queue q WHERE """  # noqa: S608 ours


def current_row(line: str | UUID) -> shapes.Row | None:
    """The line as it is now (a code in any case, or its id), as one row for all snapshots; None for an unknown line."""
    return _newest(line, since=None, long=None)


def newest(line: str | UUID, since: int | None = None, *, long: int = LONG_LINE) -> deltas.News | None:
    """The line as it is now: its row, or of a long line (more than `long` waiting; -1: of each) what changed after
    version `since`; None for an unknown line.

    Changes that do not go back to `since` come as a row. Without `since` they go back as far as is known, a few versions.
    """
    found = _newest(line, since=since, long=long)
    if found is not None and deltas.is_row(found):
        return found
    changes = deltas.changes(found) if found is not None else None
    if changes is not None and since is not None and changes["since"] > since:
        return current_row(line)
    return changes


def _newest(line: str | UUID, *, since: int | None, long: int | None) -> View | None:
    by_id = isinstance(line, UUID)
    if not by_id and not is_code(str(line)):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            _NEWEST + ("q.id = %(line)s" if by_id else "q.code = %(line)s"),
            {"line": line if by_id else str(line).upper(), "since": since, "long": long, "remembered": REMEMBERED_MIN},
        )
        found = cursor.fetchone()
    return None if found is None else {**orjson.loads(found[0]), **orjson.loads(found[1])}


_PLACE = """
SELECT count(*) FILTER (WHERE (rank, ticket) < (%(rank)s, %(ticket)s)), count(*),
       EXISTS (SELECT FROM queues_party WHERE queue_id = %(queue)s AND status = 'called')
  FROM queues_party WHERE queue_id = %(queue)s AND status = 'waiting'"""


def place_of(party: Party) -> rules.Place:
    """A waiting party's place, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, {"queue": party.queue_id, "rank": party.rank, "ticket": party.ticket})
        ahead, waiting, being_served = cursor.fetchone()
    return rules.place(waiting_ahead=ahead, waiting=waiting, being_served=being_served)


_PLACES = """
SELECT party.id, count(*) FILTER (WHERE (other.rank, other.ticket) < (party.rank, party.ticket)), count(*),
       EXISTS (SELECT FROM queues_party WHERE queue_id = party.queue_id AND status = 'called')
  FROM queues_party AS party JOIN queues_party AS other ON other.queue_id = party.queue_id AND other.status = 'waiting'
 WHERE party.id = ANY(%s) AND party.status = 'waiting' GROUP BY party.id"""


def places_of(party_ids: Sequence[UUID]) -> dict[UUID, rules.Place]:
    """The places of those of these parties that wait, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [list(party_ids)])
        return {
            pk: rules.place(waiting_ahead=ahead, waiting=waiting, being_served=being_served)
            for pk, ahead, waiting, being_served in cursor.fetchall()
        }


def party_status(queue_id: UUID | str, party_id: str) -> str | None:
    """The status of a party of this line, also of one that ended long ago; None for an unknown party."""
    if (wanted := read_id(party_id)) is None:
        return None
    found = Party.objects.filter(queue_id=queue_id, pk=wanted)
    status: str | None = found.values_list("status", flat=True).first()
    return status


def lines_of(venues: Collection[Venue]) -> QuerySet[Queue]:
    """The lines of these venues: open ones first, newest first."""
    return (
        Queue.objects.filter(venue__in=venues)
        .select_related("venue")
        .order_by(F("closed_at").desc(nulls_first=True), "-opened_at", "pk")
    )


def open_lines(venue: Venue) -> QuerySet[Queue]:
    """The venue's open lines, the one opened first first."""
    return venue.queues.filter(closed_at__isnull=True).select_related("venue").order_by("opened_at", "pk")


def lines_over(now: Any) -> list[UUID]:
    """Open lines that may be due to close: over their time, without activity for two hours, or past a service's closing time
    with no party in line."""
    opened = Queue.objects.filter(closed_at__isnull=True)
    idle = Q(last_activity_at__lte=now - rules.IDLE_LIFE, closing_at__isnull=True)
    over = opened.filter(Q(closes_at__lte=now) | idle)
    in_line = Party.objects.filter(queue=OuterRef("pk"), status__in=Party.IN_LINE)
    empty = opened.filter(~Exists(in_line), closing_at__lte=now, last_activity_at__lte=now - rules.EMPTY_LIFE)
    return list(dict.fromkeys([*over.values_list("pk", flat=True), *empty.values_list("pk", flat=True)]))


def entries_over(now: Any) -> list[UUID]:
    """Open lines whose last entry is over and not yet shown as over."""
    due = Queue.objects.filter(closed_at__isnull=True, entry_over=False, last_entry_at__lte=now)
    return list(due.values_list("pk", flat=True))


def waits_over(now: Any) -> list[UUID]:
    """Open lines whose wait that a host set is over."""
    due = Queue.objects.filter(closed_at__isnull=True, wait_until__lte=now)
    return list(due.values_list("pk", flat=True))


def visits_due(now: Any) -> list[tuple[UUID, UUID]]:
    """Line and party of each question after a visit that is due, where the venue still asks; the longest due first."""
    due = Party.objects.filter(asked_at__isnull=True, ask_at__lte=now, ask_at__gt=now - ASKED_WITHIN)
    asked = due.filter(status=rules.SERVED, queue__venue__ask_after_min__gt=0)
    return list(asked.order_by("ask_at", "pk").values_list("queue_id", "pk"))


def services_due(now: Any) -> list[UUID]:
    """Services whose next opening has come, the earliest first."""
    return list(
        Service.objects.filter(opens_next_at__lte=now).order_by("opens_next_at", "pk").values_list("pk", flat=True)
    )


def calls_over(now: Any) -> list[tuple[UUID, UUID]]:
    """(line, party) of every called party whose deadline is over and that is not late yet, the longest overdue first."""
    due = Party.objects.filter(status=rules.CALLED, call_deadline__lte=now, late_at=None).order_by(
        "call_deadline", "queue_id", "ticket"
    )
    return list(due.values_list("queue_id", "pk"))
