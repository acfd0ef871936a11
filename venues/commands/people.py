"""Commands on people: their accounts, and their roles in venues."""

from uuid import UUID

from allauth.account.models import EmailAddress

from core import seen
from core.actors import SYSTEM, Actor
from core.change import Fields, durable, set_field
from core.errors import Conflict, existing
from outbox.seen import require_seen
from venues import refusals
from venues.commands.made import create_key, made_with, visible
from venues.log import lock_venue, log
from venues.models import Membership, User, Venue


def new_account(*, email: str, password: str | None, first_name: str = "") -> User:
    """An account that is not saved yet; without a password it signs in by another service."""
    user = User(email=email.strip().lower(), first_name=first_name)
    user.set_password(password)
    return user


def save_new(user: User) -> None:
    """Saves a new account. Raises Conflict for an address that has one, ValidationError for a malformed one."""
    if User.objects.filter(email=user.email).exists():
        raise Conflict(refusals.HAS_ACCOUNT, field="email")
    user.full_clean(exclude=["password"])
    user.save()


@durable()
def create_host(
    *, email: str, venue: Venue, password: str | None = None, role: str = Membership.Role.HOST, key: str = ""
) -> User:
    """Gives a person a role in the venue, and an account when the address is new. A known account keeps its password unless
    one is given.

    `key` (Idempotency-Key) is kept with a new role (made_with). Raises ValidationError for a malformed address.
    """
    lock_venue(venue.pk)
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        user = User(email=email.strip().lower())
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
    elif password is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
    made = {"role": role, "create_key": create_key(Membership, key)}
    Membership.objects.update_or_create(venue=venue, user=user, defaults={"role": role}, create_defaults=made)
    return user


@durable()
def create_user(
    *,
    email: str,
    password: str | None,
    first_name: str = "",
    last_name: str = "",
    is_staff: bool = False,
    is_superuser: bool = False,
    key: str = "",
) -> User:
    """Creates an account; without a password it cannot sign in yet. With a known `key` (Idempotency-Key) returns the one it made.
    Raises ValidationError for a malformed address, or one that has an account."""
    if known := made_with(User, key):
        return known
    user = User(
        create_key=create_key(User, key),
        email=email.strip().lower(),
        first_name=visible(first_name, "first_name"),
        last_name=visible(last_name, "last_name"),
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    return user


@durable()
def change_user(
    *,
    user_id: int,
    email: str,
    first_name: str,
    last_name: str,
    is_active: bool,
    is_staff: bool,
    is_superuser: bool,
    saw: str = "",
) -> User:
    """Changes an account's details or rights, or disables it (`is_active=False` ends its sessions at once).

    Raises ValidationError for a malformed or taken address, Conflict when no superuser would be left; Overtaken when
    what it would change is not as the page showed it (`saw`).
    """
    # Locks all superusers in one order: two who take each other's rights away at once cannot both succeed.
    managers = list(
        User.objects.select_for_update(no_key=True)
        .filter(is_active=True, is_staff=True, is_superuser=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if managers == [user_id] and not (is_active and is_staff and is_superuser):
        raise Conflict("This is the last superuser. People and keys need one to manage them.")
    changes: Fields = {}
    names = {name: visible(text, name) for name, text in (("first_name", first_name), ("last_name", last_name))}
    rights = {"is_active": is_active, "is_staff": is_staff, "is_superuser": is_superuser}
    for name, value in {"email": email.strip().lower(), **names, **rights}.items():
        set_field(user, name, value, changes)
    if seen.overtaken(saw, changes):  # no log says who did it
        raise seen.Overtaken()
    # django-allauth's own record of addresses: an address that is not this person's any more must not find them.
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    user.full_clean(exclude=["password"])
    user.save()
    return user


@durable()
def set_password(*, user_id: int, password: str | None) -> User:
    """Sets a password and thereby ends the account's sessions; None disables signing in by password."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


@durable()
def change_role(*, venue_id: UUID, membership_id: int, role: str, saw: str = "", actor: Actor) -> Membership:
    """Gives a member another role. Raises NotFound, ValidationError for an unknown role, Conflict when the venue would be left
    without an owner (staff may do that), Overtaken when the role is not the one that the page showed (`saw`)."""
    venue = lock_venue(venue_id)
    found = Membership.objects.filter(pk=membership_id, venue=venue).select_related("user").first()
    member = existing(found, refusals.NOT_A_MEMBER)
    if member.role == role:
        return member
    changes: Fields = {"role": [member.role, role]}
    require_seen(venue.pk, saw, changes, by={"change_role"}, actor=actor, memberId=member.pk)
    _keep_an_owner(member, actor)
    before, member.role = member.role, role
    member.full_clean()
    member.save(update_fields=["role"])
    log(venue, "VENUE_ROLE_CHANGED", actor=actor, action="change_role", memberId=member.pk, role=role, before=before)
    return member


@durable()
def remove_member(*, membership_id: int, venue_id: UUID | None = None, actor: Actor = SYSTEM) -> None:
    """Removes a person's role in a venue; the account stays. What they had open of it ends at once (decision 0028).

    `venue_id`: it must be this venue's. Raises NotFound, Conflict when the venue would be left without an owner (staff may do
    that).
    """
    found = Membership.objects.filter(pk=membership_id).first()
    venue = lock_venue(existing(found, refusals.NOT_A_MEMBER).venue_id)
    found = Membership.objects.filter(pk=membership_id, venue_id=venue_id or venue.pk).first()
    member = existing(found, refusals.NOT_A_MEMBER)
    _keep_an_owner(member, actor)
    log(venue, "VENUE_MEMBER_REMOVED", actor=actor, action="remove_member", memberId=member.pk, role=member.role)
    member.delete()


def _keep_an_owner(member: Membership, actor: Actor) -> None:
    """Raises Conflict when a host acts on the only owner of a locked venue."""
    if actor.kind != "host":
        return
    others = Membership.objects.filter(venue_id=member.venue_id, role=Membership.Role.OWNER).exclude(pk=member.pk)
    if member.role == Membership.Role.OWNER and not others.exists():
        raise Conflict(refusals.LAST_OWNER)
