"""The first page of the admin: figures, and the open lines."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q, Sum
from django.http import HttpRequest
from django.utils.timesince import timesince

from core import clock
from outbox.models import Effect
from queues import rules
from queues.admin.lines import in_line
from queues.admin.pages import moment_of
from queues.models import Party, Queue
from web.admin_columns import link_to, list_of, local

MOST_LINES_SHOWN = 25
# A worker normally performs an effect within milliseconds, the sweep within seconds.
LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with a link to its list. `alarm`: staff should look into it."""

    title: str
    value: object
    detail: str
    url: str
    alarm: bool = False


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The theme's hook (settings.UNFOLD): adds `figures` and `open_lines`. Six statements, all of them on small indexes."""
    now = clock.now()
    open_lines = Queue.objects.filter(closed_at__isnull=True)
    lines = open_lines.aggregate(all=Count("pk"), paused=Count("pk", filter=Q(paused=True)))
    waiting = Party.objects.filter(status=rules.WAITING).aggregate(parties=Count("pk"), guests=Sum("size"))
    called = Party.objects.filter(status=rules.CALLED).count()
    dead = Effect.objects.filter(status=Effect.Status.DEAD).count()
    pending = Effect.objects.filter(status=Effect.Status.PENDING).aggregate(all=Count("pk"), oldest=Min("event__at"))
    age = now - pending["oldest"] if pending["oldest"] else None
    context["figures"] = [
        Figure("Open lines", lines["all"], f"{lines['paused']} paused", list_of("queues_queue", state="open")),
        Figure(
            "Guests waiting",
            waiting["guests"] or 0,
            f"in {waiting['parties']} parties, {called} called",
            list_of("queues_party", status__exact=rules.WAITING),
        ),
        Figure(
            "Dead effects",
            dead,
            "given up; staff may retry them" if dead else "everything was done",
            list_of("outbox_effect", status__exact=Effect.Status.DEAD),
            alarm=dead > 0,
        ),
        Figure(
            "Oldest pending effect",
            "none" if age is None else timesince(now - age, now, depth=1) if age >= LATE else "under a minute",
            f"{pending['all']} pending",
            list_of("outbox_effect", status__exact=Effect.Status.PENDING),
            alarm=age is not None and age >= LATE,
        ),
    ]
    shown = open_lines.select_related("venue").annotate(parties_in_line=in_line(Count("pk")))
    context["open_lines"] = {
        "headers": ["Line", "Venue", "Parties in line", "Opened", "Closes by itself"],
        "rows": [
            [
                link_to(line),
                str(line.venue or "-"),
                line.parties_in_line,
                moment_of(line, line.opened_at),
                local(line.closes_at, line.timezone),
            ]
            for line in shown.order_by("-last_activity_at", "pk")[:MOST_LINES_SHOWN]
        ],
    }
    return context
