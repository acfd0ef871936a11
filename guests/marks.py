"""The marks of known guests that hosts see in the list: VIP, *not welcome*. They are read from the guests each time, for a line's
row holds none (decision 0087). Where one changes, an event without data has the line's consoles fetch the list again."""

import logging
from collections.abc import Collection, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from core.actors import SYSTEM
from core.errors import Refused
from guests.models import Guest, Visit
from queues.change import locked_line
from queues.models import Party

logger = logging.getLogger(__name__)
MARKED = Q(vip=True) | Q(not_welcome=True)


def of_parties(party_ids: Collection[UUID]) -> dict[UUID, Guest]:
    """The marked guests of these parties, by the party's id. One statement."""
    marked = Q(guest__vip=True) | Q(guest__not_welcome=True)
    visits = Visit.objects.filter(marked, party__in=list(party_ids), party__queue__venue__guest_history=True)
    return {each.party_id: each.guest for each in visits.select_related("guest").defer("guest__number", "guest__notes")}


def changed(guests: QuerySet[Guest], *, also: bool = False) -> None:
    """Has the consoles of lines in which these guests are draw again, as `draw_again` does; of guests without a mark only with
    `also`."""
    draw_again(Party.objects.filter(guest_visit__guest__in=guests if also else guests.filter(MARKED)))


def draw_again(parties: QuerySet[Party]) -> None:
    """Has the consoles draw those of these parties again that are in line now, once the transaction has committed. Needs the
    transaction. If the process dies before, the next change of the line shows their marks."""
    there = parties.filter(status__in=Party.IN_LINE).order_by("queue_id", "ticket")
    if found := list(there.values_list("queue_id", "pk")):
        transaction.on_commit(partial(_tell, found), robust=True)


def _tell(found: Sequence[tuple[UUID, UUID]]) -> None:
    for queue_id, party_id in found:
        try:
            with locked_line(queue_id, actor=SYSTEM, action="show_marks") as change:
                change.emit("QUEUE_MEMBER_RECOGNISED", change.party(party_id))
        except Refused as refused:  # it has left since, or the line is busy
            logger.info("marks not shown at once", extra={"reason": refused.kind})
