"""What an owner sets about how guests are reached. An event of the venue, under its lock."""

from collections.abc import Sequence
from uuid import UUID

from core.actors import SYSTEM, Actor
from core.change import Fields, durable, set_field
from core.errors import Invalid
from outbox.seen import require_seen
from reach import channels
from reach.models import Channels
from reach.ways import WAYS
from venues.log import lock_venue, log

# Below, a text would go out before a phone could say that it has the push; above, the call is over before.
SHORTEST_FALLBACK_S, LONGEST_FALLBACK_S = 10, 600


@durable()
def set_channels(
    *, venue_id: UUID, ways: Sequence[str], fallback_s: int, saw: str = "", actor: Actor = SYSTEM
) -> Channels:
    """Sets which ways a venue offers, in its order, and after how many seconds a call goes by the next. Raises Invalid; Overtaken
    when what it would change is not as the page showed it (`saw`)."""
    for name in ways:
        if name not in WAYS:
            raise Invalid(f"there is no way {name[:20]!r}.", field="ways", named=True)
    if len(set(ways)) != len(ways):
        raise Invalid("names a way twice.", field="ways", named=True)
    if not SHORTEST_FALLBACK_S <= fallback_s <= LONGEST_FALLBACK_S:
        raise Invalid(
            f"must be {SHORTEST_FALLBACK_S} to {LONGEST_FALLBACK_S} seconds.", field="fallbackSeconds", named=True
        )
    venue = lock_venue(venue_id)
    row = channels.of_venue(venue_id)
    changes: Fields = {}
    set_field(row, "ways", list(ways), changes)
    set_field(row, "fallback_s", fallback_s, changes)
    if changes:
        require_seen(venue.pk, saw, changes, by={"set_channels"}, actor=actor)
        row.save()
        log(venue, "VENUE_CHANNELS_SET", actor=actor, action="set_channels", changes={"channels": changes})
    return row
