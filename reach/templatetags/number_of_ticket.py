"""What reach shows on pages of queues, which do not know it (decision 0045)."""

from django import template

from core import clock
from core.json_types import View
from queues.models import Party
from reach import proofs
from reach.models import Contact

register = template.Library()


@register.inclusion_tag("guest/_prove.html")
def number_to_prove(party: Party) -> View:
    """For a guest in line: asks for the code that proves the number; nothing where there is none to prove."""
    wanted = party.has_contact and party.status in Party.IN_LINE
    contact = Contact.objects.filter(party=party, needs_proof=True).first() if wanted else None
    if contact is None:
        return {}
    return {"party": party, "line": party.queue, "proof": proofs.state_of(party, contact, now=clock.now())}
