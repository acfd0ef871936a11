"""Host tokens and their holders. A token given to a member, an API key or a device of a venue ends with the membership, the
session, the account, the key or the device (decisions 0028, 0063)."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Model
from django.utils.crypto import constant_time_compare

from core import clock
from core.actors import HOST, Actor
from core.tokens import DEVICE, GRANT, KEY, Holder, held_token, holder_of, host_token, proves_host
from venues import commands, keys
from venues.models import HostGrant, Membership, User
from venues.pairing import Device


class Hosted(Protocol):
    """A line, poll or room."""

    pk: Any
    code: str
    token_version: int
    venue_id: Any


@dataclass(frozen=True, slots=True)
class Subject:
    """The fields of a line, poll or room that decide who its hosts are. `key_id`: the API key that owns it, if one does."""

    id: UUID
    token_version: int
    venue_id: UUID | None
    key_id: int | None = None

    @classmethod
    def of(cls, hosted: Hosted) -> "Subject":
        """The subject of a row."""
        return cls(hosted.pk, hosted.token_version, hosted.venue_id, getattr(hosted, "api_key_id", None))


def token_for(subject: Subject, holder: Holder | None = None) -> str:
    """The host token of a holder; without a holder the subject's own token."""
    if holder is not None:
        return held_token(subject.id, subject.token_version, holder)
    return host_token(subject.id, subject.token_version)


def grant_of(session: SessionBase) -> Holder:
    """The holder for a member's session. Raises ValueError for a session that was never saved."""
    if not session.session_key:
        raise ValueError("this session was never saved")
    return GRANT, commands.grant(session_key=session.session_key).number


def host_by(token: str, subject: Subject) -> Actor | None:
    """The actor whom this host token proves; None when it is not one of the subject's, or has ended."""
    if proves_host(token, subject.id, subject.token_version):
        return HOST
    holder = holder_of(token, subject.id, subject.token_version)
    return may_act(holder, subject) if holder is not None else None


def may_act(holder: Holder, subject: Subject) -> Actor | None:
    """The holder as a host of the subject's venue; None when they no longer are."""
    kind, number = holder
    if subject.venue_id is None:
        return None
    if kind == KEY:
        valid = keys.valid().filter(pk=number, venue_id=subject.venue_id).exists()
        return HOST if valid and subject.key_id in (None, number) else None
    if kind == DEVICE:
        is_host = Device.objects.filter(pk=number, kiosk_pin="", venue_id=subject.venue_id).exists()
        return HOST if is_host else None
    user = _person(number) if kind == GRANT else None
    if user is None or not Membership.objects.filter(user=user, venue_id=subject.venue_id).exists():
        return None
    return Actor("host", user.pk)


def may_act_for(kind: type[Model], subject_id: UUID, holder: Holder) -> bool:
    """Whether the holder of a token is still a host of the row of `kind` with this id."""
    found: Any = kind._default_manager.filter(pk=subject_id).first()
    return found is not None and may_act(holder, Subject.of(found)) is not None


def _person(number: int) -> User | None:
    """The person signed in by the session of a grant; None after sign-out, a new password, or when the account is inactive."""
    grants = HostGrant.objects.select_related("session").filter(number=number, session__expire_date__gt=clock.NOW)
    grant = grants.first()
    data = grant.session.get_decoded() if grant is not None else {}
    user_id = str(data.get(SESSION_KEY, ""))
    user = User.objects.filter(pk=int(user_id), is_active=True).first() if user_id.isdecimal() else None
    if user is None or not constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return user
