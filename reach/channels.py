"""Which ways a venue offers, and by which of them one guest is reached."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from reach.models import Channels, Contact
from reach.ways import WAYS

# What a venue offers that has chosen nothing, and a line without one: as it was before there were other ways.
DEFAULT_WAYS = ("push",)


def of_venue(venue_id: UUID | None) -> Channels:
    """The venue's ways and its seconds; the defaults where it has chosen nothing."""
    if venue_id is None:
        return Channels(ways=list(DEFAULT_WAYS))
    return Channels.objects.filter(pk=venue_id).first() or Channels(venue_id=venue_id, ways=list(DEFAULT_WAYS))


def addresses(ways: Iterable[str]) -> set[str]:
    """What these ways need of a guest: "number", "email", "browser"."""
    return {WAYS[name].address for name in ways if name in WAYS}


def in_order(chosen: Sequence[str], offered: Sequence[str], *, number: bool, email: bool) -> list[str]:
    """The ways by which a guest is reached, the first one first. The guest's order where one was `chosen`, else the venue's; only
    what the venue offers, and for which there is an address."""
    there = {"browser", *(["number"] if number else []), *(["email"] if email else [])}
    return [name for name in (chosen or offered) if name in offered and name in WAYS and WAYS[name].address in there]


def ways_to(contact: Contact, channels: Channels) -> list[str]:
    """The ways by which this guest is reached."""
    number = bool(contact.number) and not contact.needs_proof
    return in_order(contact.ways, channels.ways, number=number, email=bool(contact.email))


def of_a_code(contact: Contact, channels: Channels) -> list[str]:
    """The ways by which a code goes to the number that it proves: those that the guest chose, else the venue's."""
    chosen = [name for name in contact.ways if name in WAYS and WAYS[name].address == "number"]
    ways = in_order(chosen, channels.ways, number=True, email=False)
    return [name for name in ways if not is_browser(name)]


def is_browser(name: str) -> bool:
    """Whether a way needs no address: it goes to browsers that said they take messages."""
    return WAYS[name].address == "browser"
