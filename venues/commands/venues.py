"""Commands that make and change venues."""

from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from core import slugs
from core.actors import SYSTEM, Actor
from core.change import Fields, durable, set_field
from outbox.seen import require_seen
from venues.commands.made import create_key, made_with, visible
from venues.commands.people import save_new
from venues.commands.services import schedule_all
from venues.log import lock_venue, log
from venues.logos import Logo
from venues.models import Membership, User, Venue
from venues.standing import VenueLogo, VenueSlug


@durable()
def create_venue(
    *,
    name: str,
    timezone_name: str,
    largest_party: int | None = None,
    day_ends: time | None = None,
    passed_over: int | None = None,
    owner: User | None = None,
    slug: str = "",
    key: str = "",
) -> Venue:
    """Creates a venue, at an address made from its name unless a `slug` is given; with a known `key` (Idempotency-Key) returns
    the one it made. `timezone_name`: NO_ZONE while it is not known.

    `owner`: the person who becomes its first owner; a new account is saved with the venue.

    Raises ValidationError for a blank name, an unknown time zone, a largest party out of range, a business day that
    does not end at a whole hour from 00:00 to 12:00, a slug as in `change_venue`, or a malformed address; Conflict for a new
    account's address that has one.
    """
    if known := made_with(Venue, key):
        return known
    venue = Venue(name=visible(name, "name"), timezone=timezone_name, create_key=create_key(Venue, key))
    _set(venue, largest_party=largest_party, day_ends=day_ends, passed_over=passed_over)
    venue.slug = slug or next(each for each in slugs.proposed(venue.name) if _is_free(venue, each))
    _take(venue, venue.slug)
    venue.save()
    if owner is not None:
        _own(venue, owner)
    return venue


def _own(venue: Venue, owner: User) -> None:
    if owner._state.adding:
        save_new(owner)
    member = Membership.objects.create(venue=venue, user=owner, role=Membership.Role.OWNER)
    log(venue, "VENUE_SIGNED_UP", actor=Actor("host", owner.pk), action="create_venue", memberId=member.pk)


@durable()
def change_venue(
    *,
    venue_id: UUID | str,
    name: str | None = None,
    timezone_name: str | None = None,
    largest_party: int | None = None,
    day_ends: time | None = None,
    slug: str | None = None,
    accent: str | None = None,
    menu_url: str | None = None,
    words: Mapping[str, str] | None = None,
    here_only: bool | None = None,
    names_on_wall: bool | None = None,
    passed_over: int | None = None,
    ask_after_min: int | None = None,
    saw: str = "",
    actor: Actor = SYSTEM,
) -> Venue:
    """Changes what is given of a venue; `words` by language, without the blank ones. Open lines keep the closing time and
    `here_only` that they were opened with; services open by the new clock; the old slug goes on to lead to the venue.

    Raises ValidationError as `create_venue`, and for a slug that is malformed, reserved, or was ever another venue's; Overtaken
    when what it would change is not as the page showed it (`saw`).
    """
    venue = lock_venue(venue_id)
    if slug is not None:
        _take(venue, slug)
    changes = _set(
        venue,
        slug=slug,
        name=None if name is None else visible(name, "name"),
        timezone=timezone_name,
        largest_party=largest_party,
        day_ends=day_ends,
        accent=accent,
        menu_url=menu_url,
        here_only=here_only,
        names_on_wall=names_on_wall,
        passed_over=passed_over,
        ask_after_min=ask_after_min,
        words=None if words is None else {each: text for each, text in words.items() if text},
    )
    if changes:
        require_seen(venue.pk, saw, changes, by={"change_venue"}, actor=actor)
        venue.save()
        schedule_all(venue)
        log(venue, "VENUE_CHANGED", actor=actor, action="change_venue", changes={"venue": changes})
    return venue


@durable()
def set_logo(*, venue_id: UUID | str, logo: Logo | None, saw: str = "", actor: Actor = SYSTEM) -> None:
    """Gives the venue this logo; None takes away the one it has. Raises Overtaken when that is another than the page showed."""
    venue = lock_venue(venue_id)
    if logo is None:
        VenueLogo.objects.filter(venue=venue).delete()
    else:
        made = {"picture": logo.picture, "digest": logo.digest}
        VenueLogo.objects.update_or_create(venue=venue, defaults=made)
    if changes := _set(venue, logo=logo.digest if logo else ""):
        require_seen(venue.pk, saw, changes, by={"set_logo"}, actor=actor)
        venue.save(update_fields=["logo"])
        log(venue, "VENUE_CHANGED", actor=actor, action="set_logo", changes={"venue": changes})


def _set(venue: Venue, **values: Any) -> Fields:
    """Sets those that are not None; returns what that changed. Raises ValidationError."""
    changes: Fields = {}
    for name, value in values.items():
        if value is not None:
            set_field(venue, name, value, changes)
    venue.full_clean()
    return changes


def _take(venue: Venue, slug: str) -> None:
    """Takes the slug for the venue. Raises ValidationError where it cannot be one, or is another's."""
    if problem := slugs.problem_with(slug):
        raise ValidationError({"slug": problem})
    if not _is_free(venue, slug):
        taken = f"“{slug}” belongs to another venue. Add your street or town, such as {slug[:20]}-soho."
        raise ValidationError({"slug": taken})


def _is_free(venue: Venue, slug: str) -> bool:
    """Whether the venue has the slug now, for ever: it was free, or one of its own."""
    found, _ = VenueSlug.objects.get_or_create(slug=slug, defaults={"venue_id": venue.pk})
    return found.venue_id == venue.pk
