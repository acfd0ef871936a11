"""Orders to the drawing process: plain values, all of which their reader may see (B8)."""

from typing import Any, NamedTuple

import orjson

POSTER = "poster"


class Order(NamedTuple):
    """A picture to draw: `charts.bars` or `charts.worm` of these values."""

    kind: str
    title: str
    rows: tuple[tuple[Any, ...], ...]
    note: str

    def packed(self) -> bytes:
        """As JSON for the drawing process; equal for equal pictures, so it serves as cache key."""
        return orjson.dumps(tuple(self))


class PosterOrder(NamedTuple):
    """A poster to draw: `posters.poster` of these values. `logo` is base64."""

    kind: str
    sheet: str
    lead: str
    title: str
    link: str
    steps: tuple[str, ...]
    accent: str
    logo: str

    def packed(self) -> bytes:
        """As JSON for the drawing process."""
        return orjson.dumps(tuple(self))


def draw(packed: bytes) -> bytes:
    """The PNG of a packed order; of a poster's, the PDF."""
    from web.charts import charts

    kind, *values = orjson.loads(packed)
    if kind == POSTER:
        from web.charts import posters

        return posters.poster(*values)
    title, rows, note = values
    return charts.bars(title, rows, note) if kind == "bars" else charts.worm(title, rows, note)
