"""The console's buttons: a name in the path, what the form says, one command."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from core.actors import Actor
from core.errors import Conflict, NotFound
from queues import commands, sitting
from queues.models import Queue
from queues.pages import form_values, moves, undoing
from queues.pages.forms import EditForm, MessageForm, WalkInForm
from queues.pages.line_forms import LineForm, PauseForm, WaitForm
from queues.pages.ticket_state import range_of, ticket_state
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


def call_next(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Calls a party that waits, and only then: the button names the party the host saw, so that two hosts who press it at
    the same moment do not call twice.
    """
    if not data.get("party"):
        raise Conflict("Nobody is waiting.")
    try:
        commands.advance(line.code, next_party=form_values.party(data), saw=form_values.saw(data), actor=actor)
    except NotFound:
        raise Conflict("This party is not waiting any more. The list is up to date now.") from None


def _of_party(command: Callable[..., object], saw: Callable[[QueryDict], str]) -> Act:
    """A button about one party, whose command needs only what the host saw of it."""

    def act(line: Queue, data: QueryDict, actor: Actor) -> None:
        command(line.code, party_id=form_values.party(data), saw=saw(data), actor=actor)

    return act


def _of_line(command: Callable[..., object]) -> Act:
    """A button about the line."""

    def act(line: Queue, data: QueryDict, actor: Actor) -> None:
        command(line.code, actor=actor)

    return act


def more_time(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Gives a called party more time: the minutes of the form, the seconds of the button, or the line's call window."""
    unit = next((name for name in ("minutes", "seconds") if name in data), None)
    time = {unit: form_values.whole(data, unit)} if unit else {}
    commands.give_more_time(line.code, party_id=form_values.party(data), saw=form_values.saw(data), actor=actor, **time)


def seat(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Seats a party: at the tables of the form, where it names some."""
    commands.serve(
        line.code,
        party_id=form_values.party(data),
        table_ids=form_values.tables(data),
        saw=form_values.saw_status(data),
        actor=actor,
    )


def change_table(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Moves a seated party, of any line of the venue, to the tables of the form."""
    party = form_values.party(data)
    there = sitting.line_at_table(line, party)
    commands.change_table(
        there, party_id=party, table_ids=form_values.tables(data), saw=form_values.saw(data), actor=actor
    )


def free(line: Queue, data: QueryDict, actor: Actor) -> str:
    """Gives back the tables of a party of any line of the venue. Where it is another line's, says where to take that back."""
    party = form_values.party(data)
    there = sitting.line_at_table(line, party)
    freed = commands.free_table(there, party_id=party, saw=form_values.saw(data), actor=actor)
    if there == line.pk:
        return ""
    return f"Freed. {freed} is of {freed.queue.event_name}: that line’s console can undo it."


def dismiss(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Removes the named no-shows of the clock from the console."""
    commands.dismiss_lapsed(line.code, party_ids=form_values.parties(data), actor=actor)


def edit(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Corrects name, size and note, and the wait that was promised."""
    form = checked(EditForm(data))
    new = form.cleaned_data
    commands.edit_party(
        line.code,
        party_id=form_values.party(data),
        name=new["name"],
        size=new["size"],
        note=new["note"],
        section=new["section"] if "section" in data else None,
        quote_ms=form.quote_ms(),
        saw=form_values.saw(data),
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
    return Outcome(f"Added, ticket #{ticket}. Wait: {range_of(ticket_state(joined.party))}.", leads_to)


def send_message(line: Queue, data: QueryDict, actor: Actor, key: str) -> Outcome:
    """Sends a message to all guests in line."""
    text = checked(MessageForm(data)).cleaned_data["text"]
    if commands.send_message(line.code, text=text, saw=form_values.saw(data), key=key, actor=actor):
        return Outcome()
    return Outcome("This message was sent before. To send it again, send it once more.")


def message_guest(line: Queue, data: QueryDict, actor: Actor, key: str) -> Outcome:
    """Sends a message to one guest: the host's own words, or those of a template's button."""
    text = checked(MessageForm(data)).cleaned_data["text"]
    sent = commands.message_party(
        line.code, party_id=form_values.party(data), text=text, saw=form_values.saw_status(data), key=key, actor=actor
    )
    return Outcome() if sent else Outcome("This message was sent before. To send it again, send it once more.")


def clear_guest_message(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Removes the message from one guest's ticket."""
    commands.clear_party_message(line.code, party_id=form_values.party(data), actor=actor)


def pause(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Lets no guests join, with the reason of the form; a paused line gets the new reason. A button without that box leaves the
    reason as it is."""
    reason = checked(PauseForm(data)).cleaned_data["reason"] if "reason" in data else None
    commands.pause(line.code, reason=reason, actor=actor)


def wait(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Sets the wait that new guests are told, for the minutes of the form."""
    new = checked(WaitForm(data)).cleaned_data
    commands.set_wait(
        line.code, low_ms=new["low"] * 60_000, high_ms=new["high"] * 60_000, minutes=new["minutes"], actor=actor
    )


def clear_message(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Removes the message from the tickets."""
    commands.clear_message(line.code, saw=form_values.saw(data), actor=actor)


def settings(line: Queue, data: QueryDict, actor: Actor) -> None:
    """Changes the line's name and place, hours, call window, and how many guests it holds."""
    commands.edit_line(
        line.code, saw=form_values.saw(data), actor=actor, **checked(LineForm(data, line=line)).cleaned_data
    )


def undo(line: Queue, data: QueryDict, actor: Actor) -> str:
    """Undoes the action that the button names, never a newer one."""
    undone = commands.undo(line.code, expected_version=form_values.whole(data, "version"), actor=actor)
    [words] = undoing.in_words(line, [undone])
    return f"Undone: {words}."


ACTIONS: dict[str, Act] = {
    "call": call_next,
    "call-again": _of_party(commands.call, form_values.saw),  # with its call window anew, and another push
    "seat": seat,
    "free": free,
    "change-table": change_table,
    "more-time": more_time,
    "no-show": _of_party(commands.no_show, form_values.saw),
    "remove": _of_party(commands.kick, form_values.saw_status),
    "put-back": _of_party(commands.put_back, form_values.saw_status),  # to the head of the line
    "dismiss": dismiss,
    "up": moves.by(-1, "behind_up"),
    "down": moves.by(+1, "behind_down"),
    "move": moves.by(0, "behind"),  # a row was dragged to the place
    "to-top": moves.to_top,
    "to-place": moves.to_place,
    "behind": moves.behind,
    "edit": edit,
    "clear-message": clear_message,
    "clear-party-message": clear_guest_message,
    "wait": wait,
    "clear-wait": _of_line(commands.clear_wait),
    "settings": settings,
    "undo": undo,
    "pause": pause,
    "resume": _of_line(commands.resume),
    "close": _of_line(commands.close),
}

# Those whose forms have a key.
MAKING: dict[str, Make] = {"message": send_message, "message-party": message_guest, "walk-in": walk_in}
