"""What the checks of `manage.py reconcile` share over all kinds of streams."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from outbox.models import Event


def chosen(kind: str, rows: QuerySet[Any], code: str | None) -> Iterator[tuple[UUID, str]]:
    """(id, name to print) of each of these rows, or of the one with this code."""
    if code is not None:
        rows = rows.filter(code=code.upper())
    for pk, known in rows.values_list("pk", "code"):
        yield pk, f"{kind} {known}"


def gaps(stream: str, stream_id: UUID, version: int) -> Iterator[str]:
    """A sentence when the log does not hold exactly the versions 1 to `version`."""
    log = Event.objects.filter(stream=stream, stream_id=stream_id)
    versions = sorted(set(log.values_list("version", flat=True)))
    if versions != list(range(1, version + 1)):
        yield f"its log has {len(versions)} changes up to {versions[-1] if versions else 0}, it is at version {version}"
