"""Results as a file: JSON, CSV, PNG. Made of the results view, so what is hidden there is hidden here (B8)."""

import csv
import io
from datetime import datetime
from typing import Any

import matplotlib
import matplotlib_fontja
import orjson
from django.http import HttpResponse
from matplotlib.figure import Figure

from polls.shapes import View

# Latin, Greek, Cyrillic, Hebrew and Arabic from the first, Japanese from the second; matplotlib shapes and orders them.
_FONTS = ["DejaVu Sans", "IPAexGothic"]
_BAR = "#0b6350"
# Spreadsheets run cells that begin with these (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

matplotlib.use("Agg")
matplotlib_fontja.japanize()


def rows(view: View) -> tuple[list[dict[str, Any]], int]:
    """The choices with count and percentage (one decimal; of all picks), and the picks altogether. None where hidden."""
    total = sum(choice["count"] or 0 for choice in view["choices"])
    return [
        {
            "text": choice["text"],
            "voteCount": choice["count"],
            "percentage": None
            if choice["count"] is None
            else round(100 * choice["count"] / total, 1)
            if total
            else 0.0,
        }
        for choice in view["choices"]
    ], total


def export(view: View, *, kind: str, exported_at: datetime) -> HttpResponse:
    """`kind` is json, csv or image (contract voting-session.md). Raises KeyError for another."""
    return {"json": _json, "csv": _csv, "image": _image}[kind](view, exported_at)


def _json(view: View, exported_at: datetime) -> HttpResponse:
    choices, total = rows(view)
    body = {
        "sessionId": view["id"],
        "question": view["title"],
        "voteType": "single" if view["maxPicks"] == 1 else "multiple",
        "totalVotes": None if view["hidden"] else total,
        "totalBallots": view["ballots"],
        "choices": choices,
        "exportedAt": exported_at.isoformat(timespec="milliseconds"),
    }
    return _file(orjson.dumps(body), "application/json", view, "json")


def _csv(view: View, exported_at: datetime) -> HttpResponse:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(["choice", "votes", "percentage"])
    for row in rows(view)[0]:
        hidden = row["voteCount"] is None
        writer.writerow(
            [harmless(row["text"]), "" if hidden else row["voteCount"], "" if hidden else row["percentage"]]
        )
    # The mark in front tells spreadsheets that it is UTF-8.
    return _file(b"\xef\xbb\xbf" + text.getvalue().encode(), "text/csv; charset=utf-8", view, "csv")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _image(view: View, exported_at: datetime) -> HttpResponse:
    choices, _ = rows(view)
    figure = Figure(figsize=(9, 1.6 + 0.55 * len(choices)), layout="constrained")
    with matplotlib.rc_context({"font.family": _FONTS, "text.parse_math": False}):
        axes = figure.subplots()
        counts = [row["voteCount"] or 0 for row in choices]
        bars = axes.barh(range(len(choices)), counts, color=_BAR)
        labels = ["hidden" if r["voteCount"] is None else f"{r['voteCount']} ({r['percentage']} %)" for r in choices]
        axes.bar_label(bars, labels=labels, padding=4)
        axes.set_yticks(range(len(choices)), [_short(row["text"]) for row in choices])
        axes.invert_yaxis()
        axes.margins(x=0.18)
        axes.set_xlim(left=0, right=None if any(counts) else 1)
        axes.xaxis.set_visible(False)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.set_title(_short(view["title"], 70), loc="left", fontsize=14)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=120)
    return _file(picture.getvalue(), "image/png", view, "png")


def _short(text: str, most: int = 40) -> str:
    """A label that fits; a dollar sign is a dollar sign."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _file(body: bytes, kind: str, view: View, ending: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="poll-{view["code"]}.{ending}"'
    response["Cache-Control"] = "no-store"
    return response
