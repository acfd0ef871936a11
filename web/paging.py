"""Lists in pages: `?limit=` and `?cursor=`, and `next` in the answer (decision 0086).

A cursor names the last row of a page by the columns that the list is ordered by, of which the last is unique. So a page begins
behind that row whatever was added or removed since: rows are neither told twice nor left out.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.db.models import Model, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from core import base64url
from core.asgi_requests import whole
from core.errors import Invalid
from core.hashing import keyed

LIMIT, MOST = 50, 200
_SEAL = 8
_LONGEST = 400
_LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
    OpenApiParameter.QUERY,
    description="How many at most.",
)
_CURSOR = OpenApiParameter(
    "cursor", str, OpenApiParameter.QUERY, description="`next` of the page before. It is good for the same list only."
)
PAGED = (_CURSOR, _LIMIT)

NEXT = "The cursor of the next page; null at the end."
OPEN = OpenApiParameter("open", bool, OpenApiParameter.QUERY, description="`true`: only those that are open.")

Row = TypeVar("Row")
Kept = TypeVar("Kept", bound=Model)
# The values of a row that a list is ordered by, as JSON writes them.
Place = list[Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of a page; `next` is the cursor of the page behind it, None at the end."""

    rows: Sequence[Row]
    next: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The page that a request asks for: of the list `name` (which list, and whose), `limit` rows behind `after` (None: the
    first)."""

    name: str
    limit: int
    after: Place | None

    def page(self, rows: Sequence[Row], place: Callable[[Row], Place]) -> Page[Row]:
        """The page made of the first rows behind `after`, of which one more was read than it may hold."""
        shown = rows[: self.limit]
        return Page(shown, self.cursor(place(shown[-1])) if len(rows) > self.limit else None)

    def newest_first(self, rows: QuerySet[Kept], by: str) -> Page[Kept]:
        """The page of these rows, the newest first by the time `by`, those of one time by their ids. For an index that ends
        with this time."""
        if self.after is not None:
            at, pk = datetime.fromisoformat(self.after[0]), UUID(self.after[1])
            # The index begins at the second condition; the first leaves out rows of the cursor's time that were told before.
            rows = rows.filter(Q(**{f"{by}__lt": at}) | Q(pk__lt=pk), **{f"{by}__lte": at})
        found = list(rows.order_by(f"-{by}", "-pk")[: self.limit + 1])
        return self.page(found, lambda row: [getattr(row, by).isoformat(), str(row.pk)])

    def cursor(self, place: Place) -> str:
        """The cursor of the rows behind this place."""
        told = orjson.dumps(place)
        return base64url.encode(self._seal(told) + told)

    def place_of(self, cursor: str) -> Place:
        """The place that a cursor of ours names. Raises Invalid for any other text, and for a cursor of another list."""
        try:
            sent = base64url.decode(cursor) if len(cursor) <= _LONGEST and "=" not in cursor else b""
        except ValueError:
            sent = b""
        seal, told = sent[:_SEAL], sent[_SEAL:]
        if not told or not hmac.compare_digest(seal, self._seal(told)):
            raise Invalid("cursor: is not one that this list has answered.", field="cursor")
        place: Place = orjson.loads(told)
        return place

    def _seal(self, told: bytes) -> bytes:
        return keyed("cursor", f"{self.name}\n{told.hex()}")[:_SEAL]


def asked(request: Request, name: str) -> Asked:
    """The page that the query asks for. `name`: which list, and whose. Raises Invalid, which names the parameter."""
    sent = request.query_params.get("limit", str(LIMIT))
    number = whole(sent, digits=3)
    if number is None or not 1 <= number <= MOST:
        raise Invalid(f"limit: must be a whole number from 1 to {MOST}.", field="limit")
    first = Asked(name, number, None)
    cursor = request.query_params.get("cursor")
    return first if cursor is None else Asked(name, number, first.place_of(cursor))


def open_only(request: Request) -> bool:
    """`?open=`. Raises Invalid, which names it."""
    sent = request.query_params.get("open", "false")
    if sent not in {"true", "false"}:
        raise Invalid("open: must be true or false.", field="open")
    return sent == "true"
