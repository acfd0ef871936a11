"""The way in for guests: its link, its QR code, and a poster to print and hang up."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What a poster says; it shows nothing else. `way_in`: the path that guests open; `qr_url`: that of its QR code; `back`: that
    of the host's page. `steps`: what to do, each as its first word and the rest."""

    lead: str
    title: str
    code: str
    qr_url: str
    way_in: str
    steps: tuple[tuple[str, str], ...]
    back: str


def link_context(request: HttpRequest, path: str) -> dict[str, Any]:
    """The link that guests open; `only_here` when phones cannot reach the address this page was opened at."""
    link = request.build_absolute_uri(path)
    parts = urlsplit(link)
    return {"link": link, "link_host": parts.netloc, "only_here": (parts.hostname or "") in _LOOPBACK}


def poster_page(poster_of: Callable[[Any], Poster]) -> Callable[..., HttpResponse]:
    """The page of a thing's poster, for one sheet of A4 or Letter."""

    def poster(request: HttpRequest, thing: Any, *actor: Any) -> HttpResponse:
        shown = poster_of(thing)
        return render(request, "host/poster.html", {"poster": shown, **link_context(request, shown.way_in)})

    return poster


def qr_svg(link: str) -> str:
    """The link's QR code: dark on white with its quiet zone, so that it scans on dark screens too."""
    code: Any = segno.make(link, error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", scale=8, border=4, light="white", xmldecl=False, svgclass=None, lineclass=None)
    return out.getvalue().decode()


def qr_page(poster_of: Callable[[Any], Poster]) -> Callable[..., HttpResponse]:
    """The QR code on a thing's poster, as an SVG. Browsers keep it an hour."""

    def qr_code(request: HttpRequest, thing: Any) -> HttpResponse:
        picture = qr_svg(request.build_absolute_uri(poster_of(thing).way_in))
        headers = {"Cache-Control": "private, max-age=3600"}
        return HttpResponse(picture, content_type="image/svg+xml", headers=headers)

    return qr_code
