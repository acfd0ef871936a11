"""The polls that a page lists, with the phase of each. Pages of lines use it by a template tag."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, IntegerField, Value, When

from core import clock
from polls import rules
from polls.models import Poll
from polls.pages import labels
from queues.models import Queue
from venues.models import Venue

MOST_SHOWN = 50

# Open ones first, then drafts.
_STATUS_ORDER = Case(
    When(status=Poll.Status.OPEN, then=Value(0)),
    When(status=Poll.Status.DRAFT, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


class Listed(NamedTuple):
    """A poll on a page: its `phase` now (rules.phase) and the phase's `label` for hosts."""

    poll: Poll
    phase: str
    label: str


def hosted(ids: Collection[UUID]) -> list[Listed]:
    """Those of these polls that are not closed, newest first."""
    polls = Poll.objects.filter(pk__in=ids).exclude(status=Poll.Status.CLOSED)
    return [each for each in _listed(polls) if each.phase != rules.CLOSED]


def of_venues(venues: Collection[Venue]) -> list[Listed]:
    """The polls of these venues."""
    polls = Poll.objects.filter(venue__in=venues).select_related("venue")
    return _listed(polls.order_by(_STATUS_ORDER, "-created_at", "pk")[:MOST_SHOWN])


def of_line(line: Queue) -> list[Listed]:
    """The polls for the people in this line."""
    return _listed(Poll.objects.filter(queue=line).order_by(_STATUS_ORDER, "-created_at", "pk")[:MOST_SHOWN])


def _listed(polls: Iterable[Poll]) -> list[Listed]:
    now = clock.now()
    return [Listed(poll, (phase := poll.phase_at(now)), labels.PHASES[phase]) for poll in polls]
