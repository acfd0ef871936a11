"""Answers that a browser saves as a file, and CSV that no spreadsheet runs."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

# Spreadsheets run cells that begin with these (OWASP, CSV injection); some do after spaces, and in their wide forms too.
_FORMULA = frozenset("=+-@")
_CONTROL = ("\t", "\r", "\n")


def attachment(body: bytes, *, kind: str, name: str) -> HttpResponse:
    """A file called `name`, never kept by a cache."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


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
