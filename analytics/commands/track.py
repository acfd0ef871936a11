"""`track`: what guests' pages report (contract queueup.md, POST /api/track)."""

import re
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from analytics.models import Fact
from core import clock
from core.errors import Invalid
from core.identifiers import as_uuid
from core.locks import lock_exclusive
from queues.models import Party, Queue
from web.idempotency import create_key, made_with

MOST_META_BYTES = 2048
LONGEST_TEXT = 120
# Keys of `meta` that are dropped with any value, and texts that look like an address or a telephone number.
_PERSONAL_KEY = re.compile(
    r"name|mail|phone|tel\b|mobile|contact|address|\bip\b|note|token|endpoint|auth|secret|password|cookie",
    re.IGNORECASE,
)
_PERSONAL_TEXT = re.compile(r"@|(?:\d[\s().+/-]*){7,}")


def track(
    *,
    type: str,
    session_id: str = "",
    party_id: str = "",
    meta: dict[str, Any] | None = None,
    key: str = "",
    asked: str = "",
) -> Fact:
    """Keeps one fact that a page reports; the same `key` (Idempotency-Key) keeps it once. Raises Invalid for meta over 2 KB,
    Conflict for a known key with another body (`asked`: its fingerprint). `type` has 1 to 40 characters.

    An unknown line or party is dropped and the fact is kept: old clients do not read the answer, and a 404 would tell a
    stranger which ids exist. Of `meta`, `harmless` values are kept; of an erased guest or a forgotten line none.
    """
    told = meta or {}
    if len(orjson.dumps(told)) > MOST_META_BYTES:
        raise Invalid("meta must be at most 2 KB of JSON.", field="meta")
    queue, party = _known(session_id, party_id)
    hashed = create_key("track", key)
    with transaction.atomic(durable=True):
        if hashed is not None:
            lock_exclusive(UUID(hashed[:32]))
            if (kept := made_with(Fact, hashed, asked)) is not None:
                return kept
        known = not _forgotten(queue, party)
        return Fact.objects.create(
            type=type,
            queue=queue,
            venue_id=queue.venue_id if queue else None,
            party_id=party.pk if party else None,
            at=clock.now(),
            meta=harmless(told) if known else {},
            create_key=hashed if known else None,
            create_asked=asked if hashed and known else "",
        )


def _forgotten(queue: Queue | None, party: Party | None) -> bool:
    """Whether the line was forgotten or the guest erased: then no words of theirs are kept. Locks the party's row, because an
    erasure may run while the guest's page still reports."""
    if party is not None:
        row = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
        if row.erased_at is not None:
            return True
    return queue is not None and queue.forgotten_at is not None


def harmless(meta: dict[str, Any]) -> dict[str, Any]:
    """The part of `meta` that is kept: numbers, booleans and short texts under keys that do not describe a person.

    Dropped: nested values, keys such as name, email, phone, contact, note, token; texts with an @ or seven digits.
    """
    return {
        key: value
        for key, value in meta.items()
        if not _PERSONAL_KEY.search(key)
        and not _PERSONAL_TEXT.search(key)
        and (value is None or isinstance(value, bool | int | float | str))
        and not (isinstance(value, str) and (len(value) > LONGEST_TEXT or _PERSONAL_TEXT.search(value)))
    }


def _known(session_id: str, party_id: str) -> tuple[Queue | None, Party | None]:
    """The line and the party if they exist and belong together; a party alone implies its line."""
    session, wanted = as_uuid(session_id), as_uuid(party_id)
    queue = Queue.objects.filter(pk=session).first() if session else None
    party = Party.objects.filter(pk=wanted).select_related("queue").first() if wanted else None
    if party is None or (session_id and (queue is None or party.queue_id != queue.pk)):
        return queue, None
    return party.queue, party
