"""A venue's standing address, /v/{slug}: one page, QR code and poster for ever, whichever line is open (decision 0058)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from core.languages import in_english, in_readers_language
from core.times_of_day import time_of_day
from queues import selectors
from queues.models import Queue
from queues.pages import labels
from queues.pages.called import Card, called_names, names_shown
from queues.pages.join import enter
from queues.pages.joinable import Joinable
from queues.pages.wall import LINES_POLL_MS, clock_on_wall, here_on_wall, show
from venues.hours import Opening
from venues.models import Venue
from venues.schedules import openings_today, opens_next
from venues.selectors import venue_at
from web.etags import tagged
from web.posters import Poster, link_context, poster_page, qr_page
from web.redirects import Moved

# A guest who chooses a line, or waits for one to open.
POLL_MS = 15_000

Page = Callable[Concatenate[HttpRequest, Venue, ...], HttpResponse]


def of_venue(page: Page) -> Callable[..., HttpResponse]:
    """Calls the page with the venue whose slug stands in the path; 308 from a slug that it once had, 404 for an unknown one. No
    answer is stored unless the page says so."""

    @wraps(page)
    def view(request: HttpRequest, slug: str, **arguments: Any) -> HttpResponse:
        venue = venue_at(slug)
        if venue is None:
            raise Http404("unknown venue")
        if venue.slug != slug:
            return Moved(request.get_full_path().replace(f"/v/{slug}", f"/v/{venue.slug}", 1))
        response = page(request, venue, **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return view


@in_readers_language
@require_safe
@of_venue
def home(request: HttpRequest, venue: Venue) -> HttpResponse:
    """The venue's page: its open lines to choose from. With one open line it is that line's join page."""
    lines = list(selectors.open_lines(venue))
    if len(lines) == 1:
        return enter(request, lines[0])
    return render(request, "guest/venue.html", {**_shown(venue, lines), "poll_ms": POLL_MS})


def _shown(venue: Venue, lines: Sequence[Queue]) -> dict[str, Any]:
    """What page and wall show of the venue; when it opens next only while no line is open."""
    at = clock.now()
    opens = opens_next(venue, at) if not lines else None
    return {
        "venue": venue,
        "today": _hours_today(venue, at),
        "opens": labels.opening(opens, at, venue.zone) if opens else "",
        "lines": [Joinable.of(line) for line in lines],
        "codes": " ".join(line.code for line in lines),
        "labels": labels.patterns(),
    }


def _hours_today(venue: Venue, at: datetime) -> list[tuple[str, str]]:
    """Each service that opens in this business day, and when."""

    def times(opening: Opening) -> str:
        return f"{time_of_day(opening.opens, venue.zone)}–{time_of_day(opening.closes, venue.zone)}"  # noqa: RUF001

    services = venue.services.filter(archived_at=None).select_related("venue")
    spans = ((service.name, openings_today(service, at)) for service in services)
    return [(name, ", ".join(map(times, openings))) for name, openings in spans if openings]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOnWall:
    """One of several lines on the venue's wall. `names_url` is empty where the wall shows no names."""

    now: Joinable
    called: list[Card]
    names_url: str

    @classmethod
    def of(cls, request: HttpRequest, now: Joinable) -> "LineOnWall":
        """The line as it is now, for this screen."""
        with_names = names_shown(request, now.line)
        names_url = reverse("wall-names", args=[now.line.code]) if with_names else ""
        return cls(now=now, called=now.called(called_names(now.line) if with_names else {}), names_url=names_url)


@in_readers_language
@require_safe
@of_venue
def wall(request: HttpRequest, venue: Venue) -> HttpResponse:
    """The wall of the line that is open now; of several, what each offers; with none, when to come back."""
    lines = list(selectors.open_lines(venue))
    lines_url = reverse("venue-lines", args=[venue.slug])
    if len(lines) == 1:
        qr_url = reverse("venue-qr", args=[venue.slug])
        return show(request, lines[0], way=("v", venue.slug), qr_url=qr_url, lines_url=lines_url)
    way_in = link_context(request, reverse("venue", args=[venue.slug]))
    asking = next((line for line in lines if line.here_only), None)
    shown = _shown(venue, lines)
    context = {
        **shown,
        "walls": [LineOnWall.of(request, now) for now in shown["lines"]],
        **clock_on_wall(venue.zone),
        "poll_ms": LINES_POLL_MS,
        "here": here_on_wall(request, asking, way_in["link"]) if asking else None,
        **way_in,
    }
    return render(request, "wall/venue.html", context)


@in_english
@require_safe
@of_venue
def open_now(request: HttpRequest, venue: Venue) -> HttpResponse:
    """The venue's open lines as JSON, for the scripts of its page and wall. Of guests only numbers (law 8); nearly always 304."""
    shown = [Joinable.of(line).view() for line in selectors.open_lines(venue)]
    return tagged(request, JsonResponse({"lines": shown}))


def poster_of(venue: Venue) -> Poster:
    """The venue's poster, in the active language."""
    return Poster(
        lead=_("Join the line for"),
        title=venue.name,
        qr_url=reverse("venue-qr", args=[venue.slug]),
        way_in=reverse("venue", args=[venue.slug]),
        steps=(
            (_("Scan"), _("the code with your camera.")),
            (_("Join"), _("with your party size. No app, no account.")),
            (_("Go for a walk."), _("Your phone shows your place and when it’s your turn.")),
        ),
        back=reverse("lines"),
        logo_url=venue.logo_url,
        look_url=venue.look_url,
        pdf_url=reverse("venue", args=[venue.slug]) + "/poster.pdf",
    )


qr_code = in_english(require_safe(of_venue(qr_page(poster_of))))
poster = in_readers_language(require_safe(of_venue(poster_page(poster_of))))
