"""Reads of guests from Postgres."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from guests.models import Guest, Visit
from queues import rules
from queues.models import Party
from venues.models import Venue

PER_PAGE = 50
SHORTEST_DIGITS = 3
MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A guest with what their parties say: how often they were seated and did not come, when last; and the name that the newest
    party gave, as long as that is kept."""

    guest: Guest
    visits: int
    no_shows: int
    last_at: datetime | None
    name: str


def of_party(party_id: UUID) -> Known | None:
    """The guest of a party; None where none is known."""
    guest = Guest.objects.filter(visits__party=party_id).first()
    return None if guest is None else known([guest])[0]


@dataclass(frozen=True, slots=True)
class Shared:
    """Who else a guest may be, for families share numbers: other names that came with the number, the newest first; other parties
    in line with it, by their tickets in this line, and how many in the venue's other lines."""

    names: list[str]
    tickets: list[int]
    elsewhere: int


def shared(guest: Guest, party: Party) -> Shared:
    """Who else the guest of this party may be."""
    others = Visit.objects.filter(guest=guest).exclude(party=party).order_by("-party__joined_at", "-pk")
    names = dict.fromkeys(others.exclude(party__name__in=["", party.name]).values_list("party__name", flat=True))
    in_line = others.filter(party__status__in=Party.IN_LINE).values_list("party__queue", "party__ticket")
    here = sorted(ticket for queue_id, ticket in in_line if queue_id == party.queue_id)
    return Shared(list(names)[:MOST_NAMES], here, len(in_line) - len(here))


def newest(venue: Venue, *, after: UUID | None = None) -> Sequence[Known]:
    """The guests of a venue who came last, PER_PAGE of them; those that follow `after`, which may be gone."""
    rows = Guest.objects.filter(venue=venue)
    if (last := rows.filter(pk=after).first() if after else None) is not None:
        rows = rows.filter(Q(seen_at__lt=last.seen_at) | Q(seen_at=last.seen_at, pk__gt=last.pk))
    return known(rows[:PER_PAGE])


def search(venue: Venue, words: str) -> Sequence[Known]:
    """Guests whose number, notes or newest names have the words; at most PER_PAGE. A number may be typed as in its country."""
    digits = "".join(letter for letter in words if letter.isdecimal()).lstrip("0")
    found = Q(notes__icontains=words) | Q(visits__party__name__icontains=words)
    if len(digits) >= SHORTEST_DIGITS:
        found |= Q(number__contains=digits)
    pks = Guest.objects.filter(found, venue=venue).values("pk")
    return known(Guest.objects.filter(pk__in=pks)[:PER_PAGE])


def known(rows: "QuerySet[Guest] | Sequence[Guest]") -> list[Known]:
    """The guests with what their parties say."""
    guests = list(rows)
    visits = Visit.objects.filter(guest__in=guests)
    counts = {
        row["guest"]: row
        for row in visits.values("guest").annotate(
            came=Count("pk", filter=Q(party__status=rules.SERVED)),
            missed=Count("pk", filter=Q(party__status=rules.NO_SHOW)),
            last_at=Max("party__ended_at", filter=Q(party__status=rules.SERVED)),
        )
    }
    named = visits.exclude(party__name="").order_by("guest", "-party__joined_at", "-pk").distinct("guest")
    names = dict(named.values_list("guest", "party__name"))
    return [
        Known(each, row["came"], row["missed"], row["last_at"], names.get(each.pk, ""))
        if (row := counts.get(each.pk))
        else Known(each, 0, 0, None, "")
        for each in guests
    ]
