"""The console's buttons that move a waiting party."""

from collections.abc import Callable

from django.http import QueryDict

from core.actors import Actor
from core.errors import existing
from queues import commands, rules
from queues.models import Queue
from queues.pages.form_values import known_id, party, saw, whole


def by(places: int, behind_field: str) -> Callable[[Queue, QueryDict, Actor], None]:
    """Moves a party by that many places from the place the host saw, if the party that would stand before it is still there."""

    def act(line: Queue, data: QueryDict, actor: Actor) -> None:
        place = whole(data, "place")
        expected = data.get(behind_field, None if places else "")
        commands.reorder(
            line.code,
            party_id=party(data),
            position=max(place + places, 1) if places else place,
            behind=expected,
            saw=saw(data),
            actor=actor,
        )

    return act


def to_top(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Moves a waiting party to the head of the line."""
    commands.reorder(line.code, party_id=party(data), position=1, saw=saw(data), actor=actor)


def to_place(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Moves a waiting party to the place that the host typed; past the end means the end."""
    commands.reorder(line.code, party_id=party(data), position=whole(data, "place"), saw=saw(data), actor=actor)


def behind(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Moves a waiting party behind the one that the host chose (`other`), or whose number they typed (`ticket`)."""
    if "other" in data:
        other = known_id(data.get("other", ""))
    else:
        ticket = whole(data, "ticket")
        found = line.parties.filter(ticket=ticket).first() if ticket <= rules.MOST_NUMBER else None
        other = str(existing(found, f"There is no #{ticket} in this line. Nothing was done.", field="ticket").pk)
    commands.move_behind(line.code, party_id=party(data), other_id=other, saw=saw(data), actor=actor)
