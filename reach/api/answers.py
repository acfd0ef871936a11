"""Where and how a guest is told, as the guest's program reads it."""

from typing import Any

from rest_framework import serializers

from core import clock
from core.clock import milliseconds
from core.json_types import View
from queues.models import Party
from reach import channels, proofs
from reach.models import Contact
from reach.ways import WAYS
from web.serializers import Ms, kind


class ContactOfParty(serializers.Serializer[Any]):
    """A party's number, address and ways, for its guest alone."""

    number = serializers.CharField(allow_blank=True, help_text="E.164; empty: none is kept.")
    email = serializers.CharField(allow_blank=True)
    ways = serializers.ListField(
        child=serializers.CharField(), help_text="Those that the guest chose, in order; empty: the venue's order."
    )
    offered = serializers.ListField(child=serializers.CharField(), help_text="The venue's ways, in its order.")
    reachedBy = serializers.ListField(child=serializers.CharField(), help_text="By which it is told now, in order.")
    # wanted: nothing but a code goes to the number until that was typed
    proof = kind("none", "wanted", "proven")
    codeExpiresAt = Ms(allow_null=True, help_text="Until when the code that was sent is good; null: none is.")
    triesLeft = serializers.IntegerField(help_text="How often the code may still be typed.")
    codesLeft = serializers.IntegerField(help_text="How many codes can still be sent.")


def contact_view(party: Party) -> View:
    """What is kept for the party now."""
    contact = Contact.objects.filter(party=party).first() or Contact(party=party)
    venue = channels.of_venue(party.queue.venue_id)
    proof = proofs.state_of(party, contact, now=clock.now())
    return {
        "number": contact.number,
        "email": contact.email,
        "ways": contact.ways,
        "offered": [name for name in venue.ways if name in WAYS],
        "reachedBy": channels.ways_to(contact, venue),
        "proof": "wanted" if proof.wanted else "proven" if proof.proven else "none",
        "codeExpiresAt": milliseconds(proof.expires_at),
        "triesLeft": proof.tries_left,
        "codesLeft": proof.texts_left,
    }
