"""What each role may do in its venue. This is the only place that says so; tests/venues/test_roles.py walks it (X1)."""

from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from venues.models import Membership, User, Venue

Role = Membership.Role


class Right(StrEnum):
    """Something that a role allows."""

    # Lines, polls and live rooms, and the report of each line.
    RUN = "run"
    # The venue's reports.
    REPORTS = "reports"
    # How the venue opens and looks: services and hours, name and logo, tablets.
    SET_UP = "set up"
    # Who works here, and with which role.
    PEOPLE = "people"
    # API keys.
    KEYS = "keys"
    # What the venue keeps of guests who come again. Hosts see it of the parties in their line.
    GUESTS = "guests"


RIGHTS: dict[str, frozenset[Right]] = {
    Role.HOST: frozenset({Right.RUN}),
    Role.MANAGER: frozenset({Right.RUN, Right.REPORTS, Right.SET_UP}),
    Role.OWNER: frozenset(Right),
}


def roles_with(right: Right) -> list[str]:
    """The roles that have a right."""
    return [role for role, rights in RIGHTS.items() if right in rights]


def rights_of(user: User, venue_id: UUID | str) -> frozenset[Right]:
    """What the person's role in the venue allows; nothing without a role."""
    role = Membership.objects.filter(user=user, venue_id=venue_id).values_list("role", flat=True).first()
    return RIGHTS[role] if role else frozenset()


def may(user: User, venue_id: UUID | str, right: Right) -> bool:
    """Whether the person's role in the venue has the right."""
    return right in rights_of(user, venue_id)


def venues_where(user: object, right: Right) -> QuerySet[Venue]:
    """The venues in which the person's role has the right, by name; none for one who is not signed in."""
    if not isinstance(user, User):
        return Venue.objects.none()
    return Venue.objects.filter(memberships__user=user, memberships__role__in=roles_with(right))
