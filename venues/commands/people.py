"""Commands on people: their accounts, and their roles in venues."""

from core.change import durable
from core.errors import Conflict
from venues.commands.made import create_key, made_with, visible
from venues.models import Membership, User, Venue


@durable()
def create_host(
    *, email: str, venue: Venue, password: str | None = None, role: str = Membership.Role.HOST, key: str = ""
) -> User:
    """Gives a person a role in the venue, and an account when the address is new. A known account keeps its password unless
    one is given.

    `key` (Idempotency-Key) is kept with a new role (made_with). Raises ValidationError for a malformed address.
    """
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
    *, user_id: int, email: str, first_name: str, last_name: str, is_active: bool, is_staff: bool, is_superuser: bool
) -> User:
    """Changes an account's details or rights, or disables it (`is_active=False` ends its sessions at once).

    Raises ValidationError for a malformed or taken address, Conflict when no superuser would be left.
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
    user.email = email.strip().lower()
    user.first_name, user.last_name = visible(first_name, "first_name"), visible(last_name, "last_name")
    user.is_active, user.is_staff, user.is_superuser = is_active, is_staff, is_superuser
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
def remove_member(*, membership_id: int) -> None:
    """Removes a person's role in a venue; the account stays."""
    Membership.objects.filter(pk=membership_id).delete()
