"""Downloads: files, CSV without formulas (OWASP, CSV injection), pictures to be drawn."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from core.json_types import View
from web.charts.orders import Order, PosterOrder

# Spreadsheets run cells that begin with these; some also after spaces, and in full-width forms.
_FORMULA = frozenset("=+-@")
_CONTROL = ("\t", "\r", "\n")

KINDS = ("json", "csv", "image")
FORMAT = OpenApiParameter("format", str, OpenApiParameter.QUERY, required=True, enum=KINDS)


def attachment(body: bytes, *, kind: str, name: str) -> HttpResponse:
    """A download called `name`, which no cache stores."""
    return HttpResponse(body, headers=headers_of(kind=kind, name=name))


def json_file(view: View, *, name: str) -> HttpResponse:
    """The view as a download."""
    return attachment(orjson.dumps(view), kind="application/json", name=name)


def headers_of(*, kind: str, name: str) -> dict[str, str]:
    """The headers of a download."""
    return {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }


def files(json: Any) -> dict[Any, Any]:
    """The answers of an export by content type, for the OpenAPI document. `json`: the serializer of its JSON."""
    return {
        (200, "application/json"): json,
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "image/png"): OpenApiTypes.BINARY,
    }


class Picture(NamedTuple):
    """A picture to be drawn, the name of its file, and its content type."""

    order: Order | PosterOrder
    name: str
    kind: str = "image/png"

    def packed(self) -> bytes:
        """The order in the drawing process's encoding."""
        return self.order.packed()

    def headers(self, length: int) -> dict[str, str]:
        """The headers of the answer with `length` bytes of it."""
        return {**headers_of(kind=self.kind, name=self.name), "Content-Length": str(length)}


def csv_file(header: Sequence[str], rows: Iterable[Sequence[object]], *, name: str) -> HttpResponse:
    """A table in UTF-8 with a byte-order mark, by which spreadsheets recognise it. Its texts must be `harmless` already."""
    text = io.StringIO()
    # All texts quoted: where semicolons separate cells, "a;=1+1" would otherwise be two cells, one a formula.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return attachment(b"\xef\xbb\xbf" + text.getvalue().encode(), kind="text/csv; charset=utf-8", name=name)


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would run it as a formula."""
    # Invisible characters (Cf) count as spaces: a program that drops them would find the formula behind.
    seen = next((letter for letter in cell if not letter.isspace() and unicodedata.category(letter) != "Cf"), "")
    runs = unicodedata.normalize("NFKC", seen) in _FORMULA or cell.startswith(_CONTROL)
    return f"'{cell}" if runs else cell
