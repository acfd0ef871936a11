"""Posters: a page to print and hang up, with a title, three steps and a QR code that leads guests in. It shows nothing else."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """The text of a poster. `way_in`: the path that guests open. `steps`: what to do, each as its first word and the rest.
    `back`: the address of the host's page."""

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


def render_poster(request: HttpRequest, poster: Poster) -> HttpResponse:
    """The page to print, for one sheet of A4 or Letter."""
    return render(request, "host/poster.html", {"poster": poster, **link_context(request, poster.way_in)})
