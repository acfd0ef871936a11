"""Tokens and states of invitations."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.hashing import derived_token, digest
from venues import refusals
from venues.models import Invitation

VALID_FOR = timedelta(days=7)


class State(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


# Why an invitation in one of these states cannot be taken.
OVER: dict[State, str] = {State.USED: refusals.USED, State.REVOKED: refusals.REVOKED, State.EXPIRED: refusals.EXPIRED}


def token_of(invitation_id: UUID) -> str:
    """The token of an invitation's link: 256 bits that only a holder of SECRET_KEY can derive from the id. It is not stored."""
    return derived_token("invitation", str(invitation_id))


def found_by(token: str) -> Invitation | None:
    """The invitation of a link's token. Looked up by its hash, so timing reveals nothing about the token."""
    return Invitation.objects.select_related("venue").filter(digest=digest(token)).first()


def state_of(invitation: Invitation, *, now: datetime) -> State:
    """Its state at this instant."""
    if invitation.accepted_at is not None:
        return State.USED
    if invitation.revoked_at is not None:
        return State.REVOKED
    return State.EXPIRED if invitation.expires_at <= now else State.OPEN
