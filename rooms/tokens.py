"""Participants' tokens: the triple (user id, token, room) of contract vote-websocket.md."""

import hmac
from uuid import UUID

from core.hashing import derived_token


def participant_token(room_id: UUID | str, user_id: UUID | str) -> str:
    """The participant's token: 43 letters, valid for this user in this room only."""
    return derived_token(f"room:{room_id}", str(user_id))


def proves_participant(token: str, room_id: UUID | str, user_id: str) -> bool:
    """Whether the token is the participant's; compares in constant time."""
    expected = participant_token(room_id, user_id)
    return hmac.compare_digest(token.encode("utf-8", "surrogatepass"), expected.encode())
