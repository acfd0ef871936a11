"""The way in for guests: its link, its QR code, and a poster to print and hang up."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What a poster says; it shows nothing else. `way_in`: the path that guests open; `qr_url`: that of its QR code; `back`: that
    of the host's page. `steps`: what to do, each as its first word and the rest. `pdf_url`: where its PDF is, if there is one;
    then its paper can be chosen."""

    lead: str
    title: str
    qr_url: str
    way_in: str
    steps: tuple[tuple[str, str], ...]
    back: str
    code: str = ""
    logo_url: str = ""
    look_url: str = ""
    pdf_url: str = ""


def link_context(request: HttpRequest, path: str) -> dict[str, Any]:
    """The link that guests open; `only_here` when phones cannot reach the address this page was opened at."""
    link = request.build_absolute_uri(path)
    parts = urlsplit(link)
    return {"link": link, "link_host": parts.netloc, "only_here": (parts.hostname or "") in _LOOPBACK}


def poster_page(poster_of: Callable[[Any], Poster]) -> Callable[..., HttpResponse]:
    """The page of a thing's poster: one sheet of the printer's paper, or, where it has a PDF, of the `sheet` in the query."""

    def poster(request: HttpRequest, thing: Any, *actor: Any) -> HttpResponse:
        shown = poster_of(thing)
        context = {"poster": shown, **link_context(request, shown.way_in)}
        if shown.pdf_url:
            context |= {"sheets": sheets(), "sheet": sheet_of(request.GET.get("sheet", ""))}
        return render(request, "host/poster.html", context)

    return poster


def qr_svg(link: str) -> str:
    """The link's QR code: dark on white with its quiet zone, so that it scans on dark screens too."""
    code: Any = segno.make(link, error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", scale=8, border=4, light="white", xmldecl=False, svgclass=None, lineclass=None)
    return out.getvalue().decode()


def qr_image(link: str) -> str:
    """The link's QR code as a data URI, for a link that no address of a picture may hold."""
    return "data:image/svg+xml;base64," + base64.b64encode(qr_svg(link).encode()).decode()


def sheets() -> tuple[tuple[str, str], ...]:
    """Each paper by its name in addresses, and in words."""
    return (("a4", "A4"), ("letter", "Letter"), ("tent", _("Table tent, A6")))


def sheet_of(asked: str) -> str:
    """The paper of this name; A4 for an unknown one."""
    return asked if asked in dict(sheets()) else "a4"


def qr_page(poster_of: Callable[[Any], Poster]) -> Callable[..., HttpResponse]:
    """The QR code on a thing's poster, as an SVG. Browsers keep it an hour."""

    def qr_code(request: HttpRequest, thing: Any) -> HttpResponse:
        picture = qr_svg(request.build_absolute_uri(poster_of(thing).way_in))
        headers = {"Cache-Control": "private, max-age=3600"}
        return HttpResponse(picture, content_type="image/svg+xml", headers=headers)

    return qr_code
