"""Participants' tokens: the triple (user id, token, room) of contract vote-websocket.md."""

from uuid import UUID

from core.hashing import derived_token, is_same


def participant_token(room_id: UUID | str, user_id: UUID | str) -> str:
    """The participant's token: 43 letters, valid for this user in this room only."""
    return derived_token(f"room:{room_id}", str(user_id))


def proves_participant(token: str, room_id: UUID | str, user_id: str) -> bool:
    """Whether the token is the participant's; compares in constant time."""
    return is_same(token, participant_token(room_id, user_id))
