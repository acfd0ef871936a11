"""Handing a ticket over to a guest's phone: the host's tablet shows a code, and the phone that sends it keeps the place.

The code is good for five to ten minutes. The party's id, which proves the guest for as long as the place lasts, is never shown.
"""

import re
import unicodedata
from datetime import datetime

from core.rolling_codes import RollingCode
from queues.models import Party, Queue

# The ticket's number, which is public, and the code, e.g. 12-K7QX2M.
_TYPED = re.compile(r"([0-9]{1,9})[\W_]+(\S.*)")


def code_for(party: Party, now: datetime) -> str:
    """The code to show now, e.g. 12-K7QX2M."""
    return f"{party.ticket}-{_code(party).at(now)}"


def party_by(line: Queue, typed: str, now: datetime) -> Party | None:
    """The party in line whose code was typed; None for a code that is wrong or too old."""
    # A pasted address ends in the code.
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", typed).rpartition("#")[2].strip())
    if found is None:
        return None
    party = line.parties.filter(ticket=int(found[1]), status__in=Party.IN_LINE).first()
    return party if party is not None and _code(party).counts(found[2], now) else None


def _code(party: Party) -> RollingCode:
    return RollingCode("hand-over", str(party.pk))
