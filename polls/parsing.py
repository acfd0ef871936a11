"""What a body says of a ballot: the same rules as the bodies on the OpenAPI page (polls/api/serializers.py, polls/contracts),
without DRF's machinery, for a crowd pays for it once a ballot. Pure; bodies are JSON objects, as `body_of` gives them."""

import binascii
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson

from core.errors import Invalid
from core.visible import shown
from polls import rules, voters
from polls.signatures import KEY_BYTES, SIGNATURE_BYTES, Signed

MOST_NUMBER = 32_767
MOST_WORK = 2**53 - 1
MOST_EPOCH = 2**31 - 1
LONGEST = {"code": 40, "token": 128, "partyId": 64}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A ballot as its client sent it; which of the proofs counts, the poll says."""

    ballot_id: UUID
    choices: tuple[int, ...]
    token: str = ""
    party_id: str = ""
    code: str = ""
    signed: Signed | None = None
    work: int | None = None
    epoch: int | None = None


def body_of(raw: bytes) -> dict[str, Any]:
    """A JSON object. Raises Invalid; orjson bounds the depth."""
    try:
        body = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError:
        raise Invalid("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.")
    return body


def own(body: Any) -> Said:
    """POST /api/polls/{poll}/ballots (BallotBody). Raises Invalid."""
    code = _text(body, "code")
    return Said(
        ballot_id=_ballot_id(body, required=True),
        choices=tuple(_number(each) for each in _list(body, "choices", rules.MOST_CHOICES)),
        token=_text(body, "token"),
        party_id=_text(body, "partyId").lower(),
        code=voters.written_code(code) if code else "",
        signed=_signed(body),
        work=_whole(body, "work", MOST_WORK, "2^53"),
        epoch=_whole(body, "epoch", MOST_EPOCH, "2^31"),
    )


def edge_poll(body: Any) -> Said:
    """POST and PUT /poll/{id} (contract edge-poll.md): one choice by its id, "0", "1", ..., or by a number. Raises Invalid."""
    picked = body.get("id")
    if isinstance(picked, int) and not isinstance(picked, bool):
        picked = str(picked)
    if not isinstance(picked, str) or not picked:
        raise Invalid("id: must be the id of a choice.", field="id")
    return Said(ballot_id=uuid4(), choices=(_id(picked, "id"),))


def session(body: Any) -> Said:
    """POST /api/vote/{sessionId} (contract voting-session.md): choices by their ids, "1", "2", ... Raises Invalid."""
    picked = [
        _id(each, "choiceIds") - 1 if isinstance(each, str) and each else _none("choiceIds")
        for each in _list(body, "choiceIds", rules.MOST_CHOICES)
    ]
    return Said(
        ballot_id=_ballot_id(body, required=False),
        choices=tuple(picked),
        epoch=_whole(body, "epoch", MOST_EPOCH, "2^31"),
    )


def _ballot_id(body: dict[str, Any], *, required: bool) -> UUID:
    sent = body.get("ballotId")
    if sent is None and not required:
        return uuid4()
    try:
        if isinstance(sent, str):
            return UUID(sent)
    except ValueError:
        pass
    raise Invalid("ballotId: must be a UUID.", field="ballotId")


def _list(body: dict[str, Any], name: str, most: int) -> list[Any]:
    sent = body.get(name)
    if not isinstance(sent, list) or not sent:
        raise Invalid(f"{name}: must be a list of at least one choice.", field=name)
    if len(sent) > most:
        raise Invalid(f"{name}: may have at most {most} choices.", field=name)
    return sent


def _number(sent: Any) -> int:
    """A choice by its number; 1.0 is one, true is none."""
    fits = isinstance(sent, int | float) and not isinstance(sent, bool)
    if not fits or not 0 <= sent <= MOST_NUMBER or sent != int(sent):
        raise Invalid("choices: must be whole numbers of choices.", field="choices")
    return int(sent)


def _whole(body: dict[str, Any], name: str, most: int, bound: str) -> int | None:
    sent = body.get(name)
    if sent is not None and (not isinstance(sent, int) or isinstance(sent, bool) or not 0 <= sent <= most):
        raise Invalid(f"{name}: must be a whole number below {bound}.", field=name)
    return sent


def _id(sent: str, name: str) -> int:
    """A choice's id as its contract writes it: digits, and no other way of writing them."""
    if not sent.isascii() or not sent.isdigit() or str(int(sent[:8])) != sent:
        _none(name)
    return min(int(sent), MOST_NUMBER)


def _none(name: str) -> int:
    raise Invalid(f"{name}: there is no such choice.", field=name)


def _signed(body: dict[str, Any]) -> Signed | None:
    """The key and the signature: both or neither; both are looked at in the batch's thread (polls/signatures.py)."""
    key, signature = _bytes(body, "key", KEY_BYTES), _bytes(body, "signature", SIGNATURE_BYTES)
    if not key and not signature:
        return None
    for name, sent in (("key", key), ("signature", signature)):
        if not sent:
            raise Invalid(f"{name}: a signed ballot has a key and a signature.", field=name)
    return Signed(key, signature)


def _bytes(body: dict[str, Any], name: str, length: int) -> bytes:
    """base64url, with padding or without."""
    sent = body.get(name)
    if sent is None:
        return b""
    try:
        found = urlsafe_b64decode(f"{sent.rstrip('=')}==") if isinstance(sent, str) else b""
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != length:
        raise Invalid(f"{name}: must be {length} bytes in base64url.", field=name)
    return found


def _text(body: dict[str, Any], name: str) -> str:
    sent = body.get(name)
    if sent is None:
        return ""
    if not isinstance(sent, str):
        raise Invalid(f"{name}: must be a string.", field=name)
    text = shown(sent, name, required=True)
    if len(text) > LONGEST[name]:
        raise Invalid(f"{name}: must have at most {LONGEST[name]} characters.", field=name)
    if _CONTROL.search(text):
        raise Invalid(f"{name}: must not contain control characters.", field=name)
    return text
