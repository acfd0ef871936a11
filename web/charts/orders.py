"""Orders to the drawing process: plain values, all of which their reader may see (B8)."""

from typing import Any, NamedTuple

import orjson


class Order(NamedTuple):
    """A picture to draw: `charts.bars` or `charts.worm` of these values."""

    kind: str
    title: str
    rows: tuple[tuple[Any, ...], ...]
    note: str

    def packed(self) -> bytes:
        """As JSON for the drawing process; equal for equal pictures, so it serves as cache key."""
        return orjson.dumps(tuple(self))


def draw(packed: bytes) -> bytes:
    """The PNG of a packed order."""
    from web.charts import charts

    kind, title, rows, note = orjson.loads(packed)
    return charts.bars(title, rows, note) if kind == "bars" else charts.worm(title, rows, note)
