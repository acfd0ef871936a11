"""Voter keys, which identify a voter within one poll. Addresses, tokens, tickets and codes themselves are never stored."""

import hashlib
import secrets
from uuid import UUID

from core.codes import CODE_LETTERS
from core.hashing import keyed
from core.identifiers import text_of
from polls.nodes import Placement
from web.browsers import is_random


def voter_key(poll_id: UUID | str, kind: str, proof: str) -> bytes:
    """16 bytes: a keyed hash, different in each poll, of the voter's `proof` of this `kind` (Poll.Dedupe)."""
    return keyed(f"voter:{text_of(poll_id)}", f"{kind}:{proof}")[:16]


def token_key(placement: Placement, token: str) -> bytes:
    """The key of a voter who is known by a browser's token.

    On several nodes the half that its shard is made of (rules.shard_of) is a hash that the browser can make, too, so that a page
    can choose its ballot's id to have its claim on the same node (frontend/poll/nodes.ts, decision 0081). Only of a random token,
    for nobody can try all of those. The other half is keyed.
    """
    key = voter_key(placement.poll_id, "token", token)
    if not placement.is_spread or not is_random(token):
        return key
    return hashlib.sha256(placement.poll_id.bytes + token.encode()).digest()[:8] + key[8:]


def written_code(typed: str) -> str:
    """A one-time code as `new_code` writes it: spaces, hyphens and small letters are forgiven."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


def new_code() -> str:
    """A one-time code, e.g. `7KQ2-MX9D`; 40 random bits in letters and digits that are not mistaken for one another."""
    return _code(secrets.token_bytes(8))


def codes_for(key: str, poll_id: UUID, count: int) -> set[str]:
    """The codes of an Idempotency-Key in this poll: always the same, so that they can be returned again although only their
    hashes are stored. Computing them needs the server's secret.
    """
    return {_code(keyed(f"codes:{poll_id}", f"{number}:{key}")) for number in range(count)}


def _code(random: bytes) -> str:
    """One of 32 letters and digits for each of the first eight bytes."""
    text = "".join(CODE_LETTERS[byte % 32] for byte in random[:8])
    return f"{text[:4]}-{text[4:]}"
