"""The console's buttons: a name in the path, what the form says, one command."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound, existing
from core.identifiers import as_uuid
from queues import commands, sitting
from queues.models import Queue
from queues.pages import labels
from queues.pages.forms import EditForm, LineForm, MessageForm, WalkInForm
from queues.refusals import NOT_IN_LINE
from web.forms import checked


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a button has done: a message for the host, empty where the list shows it; and the page it leads to, if not the
    console."""

    text: str = ""
    leads_to: str = ""


# Performs the action; returns a message for the host, or None where the list shows the result.
Act = Callable[[Queue, QueryDict, Actor], str | None]
# The same for a form that makes something, with its idempotency key.
Make = Callable[[Queue, QueryDict, Actor, str], Outcome]


def _party(data: QueryDict) -> str:
    """The party a button is about. Raises NotFound for what is no id."""
    return _id(data.get("party", ""))


def _parties(data: QueryDict) -> list[str]:
    """The parties a button is about. Raises NotFound where one is no id."""
    return [_id(text) for text in data.getlist("party")]


def _tables(data: QueryDict) -> list[int]:
    """The tables a button is about, joined ones as 3-4. Raises Invalid for what are no numbers."""
    return [whole(number, "table") for text in data.getlist("table") for number in text.split("-")]


def _id(text: str) -> str:
    return str(existing(as_uuid(text), NOT_IN_LINE))


def _saw(data: QueryDict) -> str:
    """What the form showed of the thing that its button is about (queues/seen.py); a page from an older release says nothing."""
    return data.get("saw", "")


def _saw_status(data: QueryDict) -> str:
    """Of a party: its status, where it does not matter until when it is called."""
    return _saw(data).partition("-")[0]


def _whole(data: QueryDict, name: str) -> int:
    """A number from a hidden field. Raises Invalid."""
    return whole(data.get(name, ""), name)


def whole(text: str, name: str) -> int:
    """A number from a field of this name. Raises Invalid."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Invalid(f"{name} must be a whole number.", field=name)
    return int(text)


def call_next(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Calls a party that waits, and only then: the button names the party the host saw, so that two hosts who press it at
    the same moment do not call twice.
    """
    if not data.get("party"):
        raise Conflict("Nobody is waiting.")
    try:
        commands.advance(line.code, next_party=_party(data), saw=_saw(data), actor=actor)
    except NotFound:
        raise Conflict("This party is not waiting any more. The list is up to date now.") from None


def _of_party(command: Callable[..., object], saw: Callable[[QueryDict], str]) -> Act:
    """A button about one party, whose command needs only what the host saw of it."""

    def act(line: Queue, data: QueryDict, actor: Actor) -> None:
        command(line.code, party_id=_party(data), saw=saw(data), actor=actor)

    return act


def _of_line(command: Callable[..., object]) -> Act:
    """A button about the line."""

    def act(line: Queue, data: QueryDict, actor: Actor) -> None:
        command(line.code, actor=actor)

    return act


def more_time(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Gives a called party more time: the minutes of the form, the seconds of the button, or the line's call window."""
    unit = next((name for name in ("minutes", "seconds") if name in data), None)
    time = {unit: _whole(data, unit)} if unit else {}
    commands.give_more_time(line.code, party_id=_party(data), saw=_saw(data), actor=actor, **time)


def seat(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Seats a party: at the tables of the form, where it names some."""
    commands.serve(line.code, party_id=_party(data), table_ids=_tables(data), saw=_saw_status(data), actor=actor)


def change_table(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Moves a seated party, of any line of the venue, to the tables of the form."""
    party = _party(data)
    there = sitting.line_at_table(line, party)
    commands.change_table(there, party_id=party, table_ids=_tables(data), saw=_saw(data), actor=actor)


def free(line: Queue, data: QueryDict, actor: Actor) -> str:
    """Gives back the tables of a party of any line of the venue. Where it is another line's, says where to take that back."""
    party = _party(data)
    there = sitting.line_at_table(line, party)
    freed = commands.free_table(there, party_id=party, saw=_saw(data), actor=actor)
    if there == line.pk:
        return ""
    return f"Freed. {freed} is of {freed.queue.event_name}: that line’s console can undo it."


def dismiss(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Removes the named no-shows of the clock from the console."""
    commands.dismiss_lapsed(line.code, party_ids=_parties(data), actor=actor)


def _move(by: int, behind_field: str) -> Act:
    """Moves a party by that many places from the place the host saw, if the party that would stand before it is still there."""

    def act(line: Queue, data: QueryDict, actor: Actor) -> None:
        place = _whole(data, "place")
        behind = data.get(behind_field, None if by else "")
        commands.reorder(
            line.code,
            party_id=_party(data),
            position=max(place + by, 1) if by else place,
            behind=behind,
            saw=_saw(data),
            actor=actor,
        )

    return act


def edit(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Corrects name, size and note, and the wait that was promised."""
    form = checked(EditForm(data))
    new = form.cleaned_data
    commands.edit_party(
        line.code,
        party_id=_party(data),
        name=new["name"],
        size=new["size"],
        note=new["note"],
        section=new["section"] if "section" in data else None,
        quote_ms=form.quote_ms(),
        saw=_saw(data),
        actor=actor,
    )


def walk_in(line: Queue, data: QueryDict, actor: Actor, key: str) -> Outcome:
    """Adds a party; to a full line only by the button that says so. Another button leads on to the QR code of its ticket."""
    new = checked(WalkInForm(data)).cleaned_data
    joined = commands.add_walk_in(
        line.code,
        name=new["name"],
        size=new["size"],
        note=new["note"],
        section=new["section"],
        key=key,
        over_capacity="over_capacity" in data,
        actor=actor,
    )
    ticket = joined.party.ticket
    leads_to = reverse("hand-over", args=[line.code, ticket]) if "hand_over" in data else ""
    if joined.again:
        before = f"This walk-in was added before, as ticket #{ticket}."
        return Outcome(f"{before} To add another party like it, send it once more.", leads_to)
    quote = labels.wait_range(joined.party.quote_low_ms, joined.party.quote_high_ms)
    return Outcome(f"Added, ticket #{ticket}. Wait: {quote}.", leads_to)


def send_message(line: Queue, data: QueryDict, actor: Actor, key: str) -> Outcome:
    """Sends a message to all guests in line."""
    text = checked(MessageForm(data)).cleaned_data["text"]
    if commands.send_message(line.code, text=text, saw=_saw(data), key=key, actor=actor):
        return Outcome()
    return Outcome("This message was sent before. To send it again, send it once more.")


def clear_message(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Removes the message from the tickets."""
    commands.clear_message(line.code, saw=_saw(data), actor=actor)


def settings(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Changes the line's name and place, hours, call window, and how many guests it holds."""
    commands.edit_line(line.code, saw=_saw(data), actor=actor, **checked(LineForm(data, line=line)).cleaned_data)


def undo(line: Queue, data: QueryDict, actor: Actor) -> str:
    """Undoes the action that the button names, never a newer one."""
    undone = commands.undo(line.code, expected_version=_whole(data, "version"), actor=actor)
    return f"Undone: {done(line, undone)}."


def done(line: Queue, action: commands.HostAction) -> str:
    """An action as the undo button names it, e.g. "called #12"."""
    event = action.events[0]
    party = line.parties.filter(pk=event.party_id).first() if event.party_id else None
    by_clock = " (by the clock)" if event.actor == "system" else ""
    return labels.done(action.action, party.ticket if party else None) + by_clock


ACTIONS: dict[str, Act] = {
    "call": call_next,
    "call-again": _of_party(commands.call, _saw),  # with its call window anew, and another push
    "seat": seat,
    "free": free,
    "change-table": change_table,
    "more-time": more_time,
    "no-show": _of_party(commands.no_show, _saw),
    "remove": _of_party(commands.kick, _saw_status),
    "put-back": _of_party(commands.put_back, _saw_status),  # to the head of the line
    "dismiss": dismiss,
    "up": _move(-1, "behind_up"),
    "down": _move(+1, "behind_down"),
    "move": _move(0, "behind"),  # a row was dragged to the place
    "edit": edit,
    "clear-message": clear_message,
    "settings": settings,
    "undo": undo,
    "pause": _of_line(commands.pause),
    "resume": _of_line(commands.resume),
    "close": _of_line(commands.close),
}

# Those whose forms have a key.
MAKING: dict[str, Make] = {"message": send_message, "walk-in": walk_in}
