"""A poll's results as JSON, CSV or a picture."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse

from core.json_types import View
from web.charts.orders import Order
from web.exports import Picture, csv_file, harmless, json_file

Shape = Callable[[View, datetime], View]

# The base of all percentages, named in each file.
PERCENTAGE_OF = "ballots"


def rows(view: View) -> list[View]:
    """The choices with count and percentage (rules.percentage), both None where hidden."""
    return [
        {"text": choice["text"], "voteCount": choice["count"], "percentage": choice["percentage"]}
        for choice in view["choices"]
    ]


def picks(view: View) -> int | None:
    """The number of picks; more than ballots where a ballot may have several. None where hidden."""
    return None if view["hidden"] else sum(choice["count"] for choice in view["choices"])


def full(view: View, exported_at: datetime) -> View:
    """The JSON of our own API: the results view, the base of its percentages and the time of export."""
    return {
        **view,
        "percentageOf": PERCENTAGE_OF,
        "exportedAt": exported_at.isoformat(timespec="milliseconds"),
    }


def export(view: View, *, kind: str, exported_at: datetime, shape: Shape = full) -> HttpResponse | Picture:
    """`kind` is json (a contract has its own `shape` of it), csv or image: a picture to be drawn."""
    match kind:
        case "json":
            return json_file(shape(view, exported_at), name=f"poll-{view['code']}.json")
        case "csv":
            return _csv(view)
        case _:
            return picture(view)


def _csv(view: View) -> HttpResponse:
    table = [(harmless(row["text"]), row["voteCount"], row["percentage"]) for row in rows(view)]
    ballots = "hidden" if view["hidden"] else f"{view['ballots']} ballots"
    # Three columns, for scripts that read them by position; the headers say what the figures are of.
    header = (f"choice: {view['title']}", f"votes ({ballots})", f"percent of {PERCENTAGE_OF}")
    return csv_file(header, table, name=f"poll-{view['code']}.csv")


def picture(view: View) -> Picture:
    """The bar chart to be drawn, made of the view only: what is hidden there is hidden here."""
    bars = tuple((row["text"], row["voteCount"], row["percentage"]) for row in rows(view))
    several = "; each could pick several" if view["maxPicks"] > 1 else ""
    counted = f"Ballots: {view['ballots'] or 0:,} · percent of {PERCENTAGE_OF}{several}"
    note = f"{'Counts are hidden' if view['hidden'] else counted} · {view['status']} · {view['code']}"
    return Picture(Order("bars", view["title"], bars, note), f"poll-{view['code']}.png")
