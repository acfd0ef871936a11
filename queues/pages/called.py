"""What walls show of the parties that are called: tickets, who is late, and names where the venue wants them (decision 0078)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from core.json_types import View
from core.languages import in_english
from queues import rules
from queues.models import Queue
from queues.pages.access import LINES, of_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A called ticket. `name` is empty on every screen but a host's of a venue that shows names."""

    ticket: int
    late: bool
    name: str = ""


def cards(called: Iterable[View], *, now_ms: int, names: dict[int, str]) -> list[Card]:
    """Of called parties as in the public snapshot: the newest call first, those whose time is over last."""
    shown = [
        Card(ticket=party["ticket"], late=(party["deadline"] or now_ms) < now_ms, name=names.get(party["ticket"], ""))
        for party in called
    ]
    return sorted(reversed(shown), key=lambda card: card.late)


def names_shown(request: HttpRequest, line: Queue) -> bool:
    """Whether this screen shows names: the venue wants it, and a host of the line opened the wall here. All others can open it,
    too, from anywhere."""
    return bool(line.venue and line.venue.names_on_wall and LINES.host(request, line))


def called_names(line: Queue) -> dict[int, str]:
    """By ticket, the names of the parties that are called and gave one."""
    called = line.parties.filter(status=rules.CALLED).exclude(name="")
    return dict(called.values_list("ticket", "name"))


@in_english
@require_safe
@of_line
def names(request: HttpRequest, line: Queue) -> HttpResponse:
    """Those names as JSON for the wall's script; none for a browser that is no host's. Not stored, and at no address that public
    snapshots have (law 8)."""
    return JsonResponse({"names": called_names(line) if names_shown(request, line) else {}})
