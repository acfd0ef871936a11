"""Where and how a guest is told, by API: what the ticket's page does, by the same commands. The party's id is the proof."""

from collections.abc import Callable
from typing import Any

from rest_framework.request import Request

from core import rate_limits
from core.errors import Refused, existing
from core.identifiers import as_uuid
from core.json_types import View
from core.languages import asked_for, with_clock
from queues.bodies import PartyBody
from queues.models import Party
from queues.permissions import line_or_404
from queues.refusals import NOT_IN_LINE
from queues.selectors import Identity
from reach import commands
from reach.api.answers import ContactOfParty, contact_view
from reach.api.bodies import ChooseWaysBody, ProveNumberBody
from venues.origins import origin_of
from web.api import once, read
from web.endpoints import Answer, endpoint
from web.openapi import KEY_HEADER


def _party(line: Identity, party_id: str) -> Party:
    """The line's party in line with that id. Raises NotFound."""
    wanted = existing(as_uuid(party_id), NOT_IN_LINE, field="partyId")
    there = Party.objects.select_related("queue").filter(queue=line.pk, status__in=Party.IN_LINE, pk=wanted)
    return existing(there.first(), NOT_IN_LINE, field="partyId")


def _told(command: Callable[..., None], party: Party, **values: Any) -> View:
    """Calls the command about the party; what is kept for it then. A refusal names its field, as programs read it."""
    try:
        command(party.queue_id, party_id=party.pk, **values)
    except Refused as refused:
        raise refused.naming_field() from None
    return contact_view(party)


@endpoint("post", "read_contact", body=PartyBody, answers=ContactOfParty, refuses=(404,))
def contact(request: Request, code: str) -> Answer:
    """Where and by which ways a party in line is told."""
    line = line_or_404(code)
    rate_limits.check(request, rate_limits.ACT, "act", str(line.pk))
    return contact_view(_party(line, read(PartyBody, request).party_id))


@endpoint("post", "choose_ways", body=ChooseWaysBody, answers=ContactOfParty, refuses=(404, 409))
def choose_ways(request: Request, code: str) -> Answer:
    """A guest sets where and by which ways they are told; what is not sent stays.

    Where the venue wants numbers to be proven, a new one gets a code (prove-number).
    """
    line = line_or_404(code)
    rate_limits.check(request, rate_limits.CONTACT, "contact", str(line.pk))
    body = read(ChooseWaysBody, request)
    accept = request.headers.get("Accept-Language", "")
    language, values = with_clock(asked_for(accept), accept), body.values()
    party = _party(line, values.pop("party_id"))
    return _told(commands.change_contact, party, language=language, origin=origin_of(request._request), **values)


@endpoint("post", "send_code", body=PartyBody, answers=ContactOfParty, refuses=(404, 409), parameters=[KEY_HEADER])
def send_code(request: Request, code: str) -> Answer:
    """Sends the code that proves the party's number once more, or another one when the last is over."""
    line = line_or_404(code)
    rate_limits.check(request, rate_limits.SEND_CODE, "send-code", str(line.pk))
    body = read(PartyBody, request)
    key = once(request, body)
    return _told(commands.send_code, _party(line, body.party_id), **key)


@endpoint("post", "prove_number", body=ProveNumberBody, answers=ContactOfParty, refuses=(404, 409))
def prove_number(request: Request, code: str) -> Answer:
    """Proves the party's number by the code that was sent there; the same again changes nothing."""
    line = line_or_404(code)
    rate_limits.check(request, rate_limits.TYPE_CODE, "type-code", str(line.pk))
    body = read(ProveNumberBody, request)
    return _told(commands.prove, _party(line, body.party_id), code=body.code)
