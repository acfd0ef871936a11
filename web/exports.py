"""Answers that a browser saves as a file, and CSV that no spreadsheet runs."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from web.charts.orders import Order

# Spreadsheets run cells that begin with these (OWASP, CSV injection); some do after spaces, and in their wide forms too.
_FORMULA = frozenset("=+-@")
_CONTROL = ("\t", "\r", "\n")

KINDS = ("json", "csv", "image")
FORMAT = OpenApiParameter("format", str, OpenApiParameter.QUERY, required=True, enum=KINDS)


def attachment(body: bytes, *, kind: str, name: str) -> HttpResponse:
    """A file called `name`, never kept by a cache."""
    return HttpResponse(body, headers=headers_of(kind=kind, name=name))


def headers_of(*, kind: str, name: str) -> dict[str, str]:
    """What makes an answer a file."""
    return {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }


def files(json: Any) -> dict[Any, Any]:
    """The answers of an export: `json`, or what it was asked for instead."""
    return {
        (200, "application/json"): json,
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "image/png"): OpenApiTypes.BINARY,
    }


class Picture(NamedTuple):
    """A picture to draw, and what its file is called."""

    order: Order
    name: str

    def packed(self) -> bytes:
        """The order as the drawing process takes it."""
        return self.order.packed()

    def headers(self, length: int) -> dict[str, str]:
        """Of the answer that carries `length` bytes of PNG."""
        return {**headers_of(kind="image/png", name=self.name), "Content-Length": str(length)}


def csv_file(header: Sequence[str], rows: Iterable[Sequence[object]], *, name: str) -> HttpResponse:
    """A table, UTF-8 with a mark in front by which spreadsheets know it. Texts must be `harmless` already."""
    text = io.StringIO()
    # All texts quoted: where lists are written with semicolons, "a;=1+1" would otherwise be two cells, one a formula.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return attachment(b"\xef\xbb\xbf" + text.getvalue().encode(), kind="text/csv; charset=utf-8", name=name)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    # Invisible marks (Cf) go the way of spaces: a reader that drops them would find the formula behind.
    seen = next((letter for letter in cell if not letter.isspace() and unicodedata.category(letter) != "Cf"), "")
    runs = unicodedata.normalize("NFKC", seen) in _FORMULA or cell.startswith(_CONTROL)
    return f"'{cell}" if runs else cell
