"""A poll's results as JSON, CSV or a picture."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpResponse

from polls.exports.files import attachment, csv_file, harmless
from polls.shapes import View

Shape = Callable[[View, datetime], dict[str, Any]]


def rows(view: View) -> tuple[list[dict[str, Any]], int]:
    """The choices with count and percentage (one decimal; of all picks), and the picks altogether. None where hidden."""
    total = sum(choice["count"] or 0 for choice in view["choices"])
    return [
        {
            "text": choice["text"],
            "voteCount": choice["count"],
            "percentage": None if choice["count"] is None else round(100 * choice["count"] / (total or 1), 1),
        }
        for choice in view["choices"]
    ], total


def full(view: View, exported_at: datetime) -> dict[str, Any]:
    """The JSON of our own API: the results view, each choice with its percentage, and when it was."""
    percentages = [row["percentage"] for row in rows(view)[0]]
    choices = [
        {**choice, "percentage": percentage} for choice, percentage in zip(view["choices"], percentages, strict=True)
    ]
    return {**view, "choices": choices, "exportedAt": exported_at.isoformat(timespec="milliseconds")}


def export(view: View, *, kind: str, exported_at: datetime, shape: Shape = full) -> HttpResponse:
    """`kind` is json (a contract has its own `shape` of it), csv or image. Raises KeyError for another."""
    make = {
        "json": lambda: _json(view, shape(view, exported_at)),
        "csv": lambda: _csv(view),
        "image": lambda: _png(view),
    }
    return make[kind]()


def _json(view: View, body: dict[str, Any]) -> HttpResponse:
    return attachment(orjson.dumps(body), kind="application/json", name=f"poll-{view['code']}.json")


def _csv(view: View) -> HttpResponse:
    table = [(harmless(row["text"]), row["voteCount"], row["percentage"]) for row in rows(view)[0]]
    return csv_file(("choice", "votes", "percentage"), table, name=f"poll-{view['code']}.csv")


def _png(view: View) -> HttpResponse:
    from polls.exports import charts

    choices, total = rows(view)
    bars = tuple((row["text"], row["voteCount"], row["percentage"]) for row in choices)
    several = view["maxPicks"] > 1
    counted = "Counts are hidden" if view["hidden"] else f"Ballots: {view['ballots']:,}"
    picked = f" · picks: {total:,}, percentages are of these" if several and not view["hidden"] else ""
    note = f"{counted}{picked} · {view['status']} · {view['code']}"
    picture = charts.bars(view["title"], bars, note)
    return attachment(picture, kind="image/png", name=f"poll-{view['code']}.png")
