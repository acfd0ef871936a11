"""Export and erasure of one guest, for a venue's programs (decision 0094)."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from core.actors import Actor
from core.api_paths import api_path as path
from core.errors import Forbidden
from queues.api.views import for_hosts
from queues.bodies import PartyBody
from queues.models import Party
from queues.permissions import subject_of
from queues.selectors import Identity
from retention import commands, refusals, selectors, table
from retention.bodies import ErasePartyBody
from venues.authentication import key_of
from web.api import read
from web.endpoints import Answer
from web.serializers import Done


class KeptOfParty(serializers.Serializer[Any]):
    """All that is kept of a party, by what keeps it."""

    queues = serializers.DictField(help_text="Its place: name, note, messages, times, and what happened to it.")
    guests = serializers.DictField(help_text="What the venue knows of the guest by the number; empty: nothing.")
    reach = serializers.DictField(help_text="Number, address, conversation, and what went out.")
    push = serializers.DictField(help_text="Browsers that are notified.")
    analytics = serializers.DictField(help_text="What its page reported.")


class ErasedParty(Done):
    """What else was erased."""

    others = serializers.ListField(
        child=serializers.UUIDField(), help_text="Parties with the same number that were erased with it."
    )


@for_hosts("post", "export_party", body=PartyBody, answers=KeptOfParty, refuses=(404,))
def export_party(request: Request, line: Identity, actor: Actor) -> Answer:
    """All that is kept of a party's guest, to be given to the guest.

    Changes nothing. The id stands in the body, for an address is logged.
    """
    return table.export(selectors.party_of(line.pk, read(PartyBody, request).party_id))


@for_hosts("post", "erase_party", body=ErasePartyBody, answers=ErasedParty, refuses=(404,))
def erase_party(request: Request, line: Identity, actor: Actor) -> Answer:
    """Erases what is personal of a party's guest now, for a reason.

    A party in line leaves it. It cannot be undone; a second time does nothing.
    """
    body = read(ErasePartyBody, request)
    others: list[Party] = []
    if body.same_number:
        _require_venue(request, line, actor)
        others = commands.erase_guest(line.pk, party_id=body.party_id, reason=body.reason, actor=actor)
    else:
        commands.erase_party(line.pk, party_id=body.party_id, reason=body.reason, actor=actor)
    return {"ok": True, "others": [str(each.pk) for each in others]}


def _require_venue(request: Request, line: Identity, actor: Actor) -> None:
    """A host token is good for its line alone. Raises Forbidden."""
    key = key_of(request)
    of_venue = key is not None and key.venue_id == subject_of(line).venue_id
    if actor.user_id is None and not of_venue:
        raise Forbidden(refusals.ONE_LINE_ONLY)


urlpatterns = [
    path("api/queue/<str:code>/export-party", export_party),
    path("api/queue/<str:code>/erase-party", erase_party),
]
