"""What a task of messages needs of Postgres, read at once: five statements for all of them instead of five for each."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from core import clock
from core.clock import milliseconds
from outbox.models import Event
from push.models import Delivery, Subscription
from queues import selectors
from queues.models import Party, Queue
from queues.occupancy import Wait, occupancy, wait_at
from queues.rules import Place
from queues.waits import Standing

# A read that is older is done again before the next message.
FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Recipient:
    """A browser of a party. `shared`: it hears of other parties of the line, too."""

    subscription: Subscription
    shared: bool


@dataclass(slots=True)
class Known:
    """By party's id: the party with its line, its browsers by subscription (first made first), its place if it waits.

    `told`: party, kind, round, again and subscription of each delivery. `now`: when it was read, by the database's clock.
    """

    now: datetime
    parties: dict[UUID, Party]
    recipients: dict[UUID, dict[UUID, Recipient]]
    places: dict[UUID, Place]
    told: set[tuple[UUID, str, int, int, UUID]]
    _standings: dict[UUID, Standing] = field(default_factory=dict)
    _read_at: float = field(default_factory=time.monotonic)
    _outdated: bool = False

    @property
    def is_fresh(self) -> bool:
        """Whether it may be used for one more message."""
        return not self._outdated and time.monotonic() - self._read_at < FRESH_S

    def wait(self, party: Party) -> Wait | None:
        """Where and how long it waits; None when it does not. One statement more for each line, where it is not known yet."""
        if (place := self.places.get(party.pk)) is None:
            return None
        return wait_at(party, place, lambda: self._standing(party.queue), now_ms=milliseconds(self.now))

    def _standing(self, line: Queue) -> Standing:
        if line.pk not in self._standings:
            self._standings[line.pk] = occupancy(line.pk).standing(line)
        return self._standings[line.pk]

    def outdate(self) -> None:
        """Something was changed that was read."""
        self._outdated = True

    def untold(self, party: Party, kind: str, *, round_: int, again: int) -> Iterator[UUID]:
        """The party's subscriptions that have no delivery of this message."""
        for pk in self.recipients.get(party.pk, {}):
            if (party.pk, kind, round_, again, pk) not in self.told:
                yield pk


def read(events: Sequence[Event]) -> Known:
    """What the effects `push` of these events need, as it is now."""
    return of_parties({event.party_id for event in events if event.party_id})


def of_parties(ids: Collection[UUID]) -> Known:
    """What the browsers of these parties are to be told depends on."""
    parties = {party.pk: party for party in Party.objects.select_related("queue").filter(pk__in=ids)}
    recipients: dict[UUID, dict[UUID, Recipient]] = {}
    for each in _recipients(parties):
        recipients.setdefault(each.subscription.party_id, {})[each.subscription.pk] = each
    told = Delivery.objects.filter(party_id__in=recipients, subscription__isnull=False)
    waiting = [pk for pk, party in parties.items() if party.status == Party.Status.WAITING and pk in recipients]
    return Known(
        now=clock.now(),
        parties=parties,
        recipients=recipients,
        places=selectors.places_of(waiting) if waiting else {},
        told=set(told.values_list("party_id", "kind", "round", "again", "subscription_id")),
    )


def _recipients(party_ids: Collection[UUID]) -> Iterator[Recipient]:
    others = Subscription.objects.filter(endpoint=OuterRef("endpoint"), queue_id=OuterRef("queue_id"))
    found = Subscription.objects.filter(party_id__in=party_ids).order_by("created_at", "pk")
    for each in found.annotate(shared=Exists(others.exclude(pk=OuterRef("pk")))):
        yield Recipient(each, each.shared)
