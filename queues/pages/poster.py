"""Posters: a page to print and hang up, with the way into a line, a poll or a room as a QR code. It shows nothing else."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from queues.models import Queue
from queues.pages.access import of_line

_ONLY_HERE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What stands on it. `steps`: what to do, each as its first word and the rest. `back`: where its host came from."""

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
    return {"link": link, "link_host": parts.netloc, "only_here": (parts.hostname or "") in _ONLY_HERE}


def print_poster(request: HttpRequest, shown: Poster) -> HttpResponse:
    """The page, for one sheet of A4 or Letter."""
    return render(request, "host/poster.html", {"poster": shown, **link_context(request, shown.way_in)})


@require_safe
@of_line
def poster(request: HttpRequest, line: Queue) -> HttpResponse:
    """The way into the line, which is for everybody."""
    shown = Poster(
        lead="Join the line for",
        title=line.event_name,
        code=line.code,
        qr_url=reverse("qr", args=[line.code]),
        way_in=reverse("join", args=[line.code]),
        steps=(
            ("Scan", "the code with your camera."),
            ("Join", "with your party size. No app, no account."),
            ("Go for a walk.", "Your phone shows your place and when it’s your turn."),
        ),
        back=reverse("console", args=[line.code]),
    )
    return print_poster(request, shown)
