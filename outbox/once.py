"""Commands that make no row and still happen once per idempotency key: their event keeps the key and the body's fingerprint."""

from django.db.models import QuerySet

from outbox.models import Event
from web.idempotency import hashed_key, require_same


class Once:
    """A command's key within its `scope` (what is done, and to what). Without a key nothing is compared."""

    def __init__(self, scope: str, key: str, asked: str = "") -> None:
        self._key = {"key": hashed_key(scope, key)} if key else {}
        self._asked = asked

    @property
    def data(self) -> dict[str, str]:
        """What the event's data keep."""
        return self._key | ({"asked": self._asked} if self._key and self._asked else {})

    def before(self, events: QuerySet[Event]) -> Event | None:
        """That of `events` which the same key made before. Raises Conflict when it came with another body."""
        known = events.filter(data__contains=self._key).first() if self._key else None
        if known is not None:
            require_same(known.data.get("asked", ""), self._asked)
        return known
