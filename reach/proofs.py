"""The code that proves a guest's number: derived, never stored, and what the ticket and the API say of it (decision 0091)."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from core.hashing import is_same, keyed
from queues.models import Party
from reach.models import Contact, Proof
from reach.notices import Kind, Notice

DIGITS = 6
LIFE = timedelta(minutes=10)
MOST_TRIES = 5
# Texts with a code: to all numbers of one party, and to one number of a venue within NUMBER_WINDOW.
MOST_PER_PARTY, MOST_PER_NUMBER = 4, 6
NUMBER_WINDOW = timedelta(hours=1)
# Between two codes that a guest asks for, to one number.
PAUSE = timedelta(seconds=30)


def number_hash(venue_id: UUID, number: str) -> bytes:
    """The keyed hash of a number for one venue."""
    return keyed("reach.number", f"{venue_id}:{number}")


def code_of(nonce: UUID) -> str:
    """The code: six digits that only a holder of SECRET_KEY can derive. A text that is sent again has the same."""
    return f"{int.from_bytes(keyed('reach.code', str(nonce))[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def typed_code(text: str) -> str:
    """What a guest typed, without spaces and hyphens; empty when that is no code."""
    code = "".join(each for each in unicodedata.normalize("NFKC", text) if not each.isspace() and each != "-")
    return code if len(code) == DIGITS and code.isascii() and code.isdecimal() else ""


def is_code_of(proof: Proof, code: str) -> bool:
    """Whether it is the code, compared in constant time."""
    return is_same(code, code_of(proof.nonce))


def proof_of(party: Party, number: str) -> Proof | None:
    """The proof of this number of the party; None when no code was asked for."""
    venue_id = party.queue.venue_id
    if venue_id is None or not number:
        return None
    return Proof.objects.filter(party=party, number_hash=number_hash(venue_id, number)).first()


def notice(party: Party, contact: Contact | None, nonce: object, *, now: datetime) -> Notice | None:
    """The text with the code. None once the number is proven or was changed, the code is over, or the place has ended."""
    if contact is None or not contact.needs_proof or party.status not in Party.IN_LINE:
        return None
    proof = proof_of(party, contact.number)
    if proof is None or str(proof.nonce) != nonce or proof.expires_at <= now or proof.tries >= MOST_TRIES:
        return None
    code = code_of(proof.nonce)
    return Notice(
        kind=Kind.CODE,
        title=_("Your code: %(code)s") % {"code": code},
        body=_("%(line)s: your code is %(code)s. Type it on your ticket.")
        % {"line": party.queue.event_name, "code": code},
        url="",
        ttl_s=int((proof.expires_at - now).total_seconds()) + 1,
        urgency="high",
    )


@dataclass(frozen=True, slots=True)
class ProofState:
    """How far the proof of a party's number is. `wanted`: nothing but a code goes there. `expires_at`: until when the code that
    was sent is good; None where none is. `tries_left`: how often it may still be typed. `texts_left`: codes that can still be
    sent."""

    wanted: bool = False
    proven: bool = False
    expires_at: datetime | None = None
    tries_left: int = 0
    texts_left: int = 0

    @property
    def sent(self) -> bool:
        """Whether a code that was sent is good."""
        return self.expires_at is not None


def state_of(party: Party, contact: Contact | None, *, now: datetime) -> ProofState:
    """The state of the party's present number."""
    if contact is None or not contact.number:
        return ProofState()
    if not contact.needs_proof:
        return ProofState(proven=contact.verified_at is not None)
    proofs = list(Proof.objects.filter(party=party))
    left = max(MOST_PER_PARTY - sum(each.sent for each in proofs), 0)
    venue_id = party.queue.venue_id
    own = number_hash(venue_id, contact.number) if venue_id else b""
    proof = next((each for each in proofs if bytes(each.number_hash) == own), None)
    if proof is None or proof.sent == 0 or proof.expires_at <= now:
        return ProofState(wanted=True, texts_left=left)
    tries_left = max(MOST_TRIES - proof.tries, 0)
    return ProofState(wanted=True, expires_at=proof.expires_at, tries_left=tries_left, texts_left=left)
