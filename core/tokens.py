"""Host tokens: of a line, poll or room itself, and of members, programs and devices of its venue."""

import hmac
from uuid import UUID

from core import base64url
from core.hashing import is_same, keyed

# Kinds of holders of a token: a member, by the session they signed in with (its HostGrant); a program, by its API key; a device.
GRANT, KEY, DEVICE = 0, 1, 2
POINTER_BYTES = 8

# What a held token points to: its kind, and the row's number.
Holder = tuple[int, int]


def host_token(subject_id: UUID | str, version: int = 0) -> str:
    """The token of a line, poll or room itself, given to a host without an account: `<sessionId>.<base64url
    HMAC-SHA256>` (contract queueup.md, host proof). A new `version` ends it."""
    return _written(subject_id, keyed("host", f"{subject_id}:{version}" if version else str(subject_id)))


def held_token(subject_id: UUID | str, version: int, holder: Holder) -> str:
    """A host token that is valid as long as its holder may act for the subject's venue. It looks like any other: 8 bytes name
    the holder, 24 are the HMAC."""
    return _written(subject_id, _pointer(holder) + _seal(subject_id, version, holder))


def proves_host(token: str, subject_id: UUID | str, version: int = 0) -> bool:
    """Whether `token` is the subject's own host token, compared in constant time."""
    if not token:  # most requests have none
        return False
    return is_same(token, host_token(subject_id, version))


def holder_of(token: str, subject_id: UUID | str, version: int = 0) -> Holder | None:
    """The holder of a token that we issued for the subject, else None. Whether they may still act for it is in the database."""
    named, _, rest = token.partition(".")
    if named != str(subject_id):
        return None
    try:
        sent = base64url.decode(rest)
    except ValueError:
        return None
    holder = (sent[0], int.from_bytes(sent[1:POINTER_BYTES], "big")) if len(sent) == 32 else None
    if holder is None or not hmac.compare_digest(sent[POINTER_BYTES:], _seal(subject_id, version, holder)):
        return None
    return holder


def _written(subject_id: UUID | str, secret: bytes) -> str:
    return f"{subject_id}.{base64url.encode(secret)}"


def _pointer(holder: Holder) -> bytes:
    kind, number = holder
    return bytes([kind]) + number.to_bytes(POINTER_BYTES - 1, "big")


def _seal(subject_id: UUID | str, version: int, holder: Holder) -> bytes:
    return keyed("held-host", f"{subject_id}:{version}:{_pointer(holder).hex()}")[POINTER_BYTES:]
