"""Commands on invitations: an owner offers a role, a person takes it."""

from uuid import UUID

from core import clock
from core.actors import Actor
from core.change import durable
from core.errors import Conflict, Forbidden, existing
from core.hashing import digest
from mail.commands import post
from venues import refusals
from venues.commands.made import create_key, made_with
from venues.commands.people import new_account, save_new
from venues.invitations import OVER, VALID_FOR, State, state_of, token_of
from venues.log import lock_venue, log
from venues.models import Invitation, Membership, User


@durable()
def invite(*, venue_id: UUID, role: str, email: str, origin: str, actor: Actor, key: str = "") -> Invitation:
    """Offers a role in the venue for 7 days: by mail, or with a blank `email` to the first person who opens the link. With a
    known `key` (Idempotency-Key) returns the invitation it made.

    `origin`: where the link leads, e.g. "https://line.example.com". Raises ValidationError for a malformed address or role,
    Conflict for an address of a member, or one that has an open invitation.
    """
    venue = lock_venue(venue_id)
    if known := made_with(Invitation, key):
        return known
    at, email = clock.now(), email.strip().lower()
    if email and Membership.objects.filter(venue=venue, user__email=email).exists():
        raise Conflict(refusals.WORKS_HERE, field="email")
    pending = Invitation.objects.filter(venue=venue, email=email, accepted_at=None, revoked_at=None, expires_at__gt=at)
    if email and pending.exists():
        raise Conflict(refusals.INVITED, field="email")
    invitation = Invitation(
        venue=venue,
        role=role,
        email=email,
        create_key=create_key(Invitation, key),
        invited_by_id=actor.user_id,
        invited_at=at,
        expires_at=at + VALID_FOR,
    )
    invitation.digest = digest(token_of(invitation.pk))
    invitation.full_clean()
    invitation.save()
    log(venue, "VENUE_INVITED", actor=actor, action="invite", invitationId=str(invitation.pk), role=role)
    if email:
        once = f"invitation {invitation.pk}"
        post(kind="invitation", to=email, about=invitation.pk, origin=origin, once=once, actor=actor)
    return invitation


@durable()
def revoke_invitation(*, venue_id: UUID, invitation_id: UUID, actor: Actor) -> None:
    """Takes an open invitation back; its link opens nothing any more. Idempotent. Raises NotFound, Conflict for a used one."""
    venue = lock_venue(venue_id)
    found = Invitation.objects.filter(pk=invitation_id, venue=venue).first()
    invitation = existing(found, refusals.NO_INVITATION)
    if invitation.accepted_at is not None:
        raise Conflict(refusals.USED)
    if invitation.revoked_at is None:
        invitation.revoked_at = clock.now()
        invitation.save(update_fields=["revoked_at"])
        log(venue, "VENUE_INVITATION_REVOKED", actor=actor, action="revoke_invitation", invitationId=str(invitation.pk))


@durable()
def accept_invitation(*, invitation_id: UUID, user_id: int) -> User:
    """Gives the person the role that they were offered.

    Raises NotFound; Conflict for an invitation that is used, expired or revoked, and for a member; Forbidden for one that is
    another person's.
    """
    user = User.objects.get(pk=user_id)
    _accept(invitation_id, user)
    return user


@durable()
def accept_with_new_account(*, invitation_id: UUID, email: str, password: str | None, first_name: str = "") -> User:
    """The same for a person who has no account yet: makes it. Without a password they sign in by another service.

    Raises as `accept_invitation`, ValidationError for a malformed address, Conflict for one that has an account.
    """
    user = new_account(email=email, password=password, first_name=first_name)
    save_new(user)
    _accept(invitation_id, user)
    return user


def _accept(invitation_id: UUID, user: User) -> None:
    found = Invitation.objects.filter(pk=invitation_id).first()
    venue = lock_venue(existing(found, refusals.NO_INVITATION).venue_id)
    invitation = Invitation.objects.get(pk=invitation_id)  # again, under the lock
    at = clock.now()
    if (state := state_of(invitation, now=at)) is not State.OPEN:
        raise Conflict(OVER[state])
    if invitation.email and invitation.email != user.email:
        raise Forbidden(refusals.FOR_ANOTHER.format(email=invitation.email, yours=user.email))
    if Membership.objects.filter(venue=venue, user=user).exists():
        raise Conflict(refusals.WORKS_THERE.format(venue=venue.name))
    member = Membership.objects.create(venue=venue, user=user, role=invitation.role)
    invitation.accepted_by, invitation.accepted_at = user, at
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    actor = Actor("host", user.pk)
    log(venue, "VENUE_JOINED", actor=actor, action="accept_invitation", memberId=member.pk, role=member.role)
