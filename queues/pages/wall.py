"""A line on a big screen: who is called, who is next, how to join. Anybody can open it, so it shows ticket numbers; names only
where the venue wants them, on a host's own screen (queues/pages/called.py)."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import clock
from core.clock import milliseconds
from core.json_types import View
from core.rolling_codes import next_change
from core.times_of_day import time_of_day
from queues import selectors, shapes
from queues.here import code_of
from queues.models import Queue
from queues.pages import labels
from queues.pages.access import LINES, guest_page
from queues.pages.called import called_names, cards, names_shown
from web.posters import link_context, qr_image

POLL_MS = 2_000
# The venue's wall: whether another line is open now.
LINES_POLL_MS = 5_000
NEXT_SHOWN = 5


@require_safe
@guest_page
def wall(request: HttpRequest, line: Queue) -> HttpResponse:
    """The wall, made of the public snapshot; its script polls the same snapshot."""
    return show(request, line, way=("queue", line.code), qr_url=reverse("qr", args=[line.code]))


def show(request: HttpRequest, line: Queue, *, way: tuple[str, str], qr_url: str, lines_url: str = "") -> HttpResponse:
    """The wall of a line. `way`: the parts of the path that guests open, to which the QR code leads too. `lines_url`: where the
    venue's wall asks whether another line is open now."""
    row = selectors.current_row(line.pk)
    if row is None:
        raise Http404("unknown code")
    view = shapes.public(row)
    with_names = names_shown(request, line)
    time = clock_on_wall(line.zone)
    called = cards(view["called"], now_ms=time["now_ms"], names=called_names(line) if with_names else {})
    way_in = link_context(request, "/" + "/".join(way))
    context = {
        "line": line,
        "state": state_of(view),
        "called": called,
        "digits": len(str(max((card.ticket for card in called), default=1))),
        "names_url": reverse("wall-names", args=[line.code]) if with_names else "",
        **time,
        "message": (view["message"] or {}).get("text", ""),
        "next": [party["ticket"] for party in view["queue"]][:NEXT_SHOWN],
        "waiting": len(view["queue"]),
        "range": labels.wait_range(view["joinLowMs"], view["joinHighMs"], known="joinUnknown" not in view),
        "version": view["version"],
        "snapshot_url": f"/api/queue/{line.code}/snapshot",
        "poll_ms": POLL_MS,
        "next_shown": NEXT_SHOWN,
        "hours": labels.hours(line),
        "labels": labels.patterns(),
        "host_url": LINES.host_path(line) if LINES.host(request, line) else "",
        "way": way,
        "qr_url": qr_url,
        "lines_url": lines_url,
        "lines_poll_ms": LINES_POLL_MS,
        "here": here_on_wall(request, line, way_in["link"]) if line.here_only else None,
        **way_in,
    }
    return render(request, "wall/line.html", context)


def clock_on_wall(zone: str) -> dict[str, Any]:
    """What wall/_clock.html shows: the time of day in `zone`; none where the zone is not known."""
    now = clock.now()
    return {"now_ms": milliseconds(now), "zone": zone, "time": time_of_day(now, zone) if zone else ""}


def here_on_wall(request: HttpRequest, line: Queue, link: str) -> dict[str, Any]:
    """The code for guests who are here, and the QR code that brings it along in the fragment, which no server or log sees. `code`
    is empty on a screen that is no host's: people who are elsewhere can open the wall, too."""
    now = clock.now()
    code = code_of(line).at(now) if LINES.host(request, line) else ""
    return {
        "code": code,
        "qr": qr_image(f"{link}#here={code}") if code else "",
        "left_ms": max((next_change(now) - now) // timedelta(milliseconds=1), 0),
    }


def state_of(view: View) -> str:
    """`open`, `paused`, `over` (last entry), `full` or `closed`, as in frontend/wall/view.ts."""
    if view["closed"]:
        return "closed"
    if view.get("entryOver"):
        return "over"
    if view["paused"]:
        return "paused"
    there = sum(party["size"] for party in [*view["queue"], *view["called"]])
    return "open" if there < view["maxGuests"] else "full"
