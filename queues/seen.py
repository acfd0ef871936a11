"""What a host saw when they pressed a button, as sent by the button's form. Commands compare it under the lock and refuse when
it has changed (decision 0033)."""

from datetime import datetime

from core.clock import milliseconds
from core.errors import Conflict
from core.json_types import View
from core.seen import mark
from queues import rules
from queues.models import Party, Queue

_NOW = {
    rules.WAITING: "waits in line",
    rules.CALLED: "is called",
    rules.SERVED: "was seated",
    rules.LEFT: "has left",
    rules.KICKED: "was removed",
    rules.NO_SHOW: "was given up as a no-show",
    rules.CLOSED: "has no place any more, for the line was closed",
}
# Sent by "Call next": its party waits and is the first.
FIRST = "first"
OTHER_RULES = "The rules of this line were changed on another device. Nothing was saved: look at them again, then save."
OTHER_MESSAGE = "Another message was sent or cleared from another device. Nothing was sent: look at it again."


class Changed(Conflict):
    """The party is not as the host saw it."""


def state(party: Party) -> str:
    """A party's state: its status, and until when it is called or since when it has ended (ms since 1970)."""
    return _state(party.status, milliseconds(party.call_deadline or party.ended_at))


def state_of_view(party: View) -> str:
    """The same of a party in the line's row."""
    return _state(party["status"], party["deadline"])


def _state(status: str, at_ms: int | None) -> str:
    return status if status == rules.WAITING or at_ms is None else f"{status}-{int(at_ms)}"


def require_state(party: Party, saw: str) -> None:
    """Raises Changed when the party's state is not the one that the host saw; or its status, where `saw` is only that
    (`FIRST` says that it waits)."""
    if not saw or saw in {party.status, state(party)} or (saw == FIRST and party.status == rules.WAITING):
        return
    if saw.partition("-")[0] == party.status == rules.CALLED:
        raise Changed(f"{party} was called again or given more time from another device. Nothing was done.")
    now = f"{party} {_NOW[party.status]} now. Nothing was done."
    raise Changed(f"This party is not waiting any more: {now}" if saw in {rules.WAITING, FIRST} else now)


def require_waiting(party: Party, *, field: str) -> None:
    """Raises Conflict when the party, which another one is to stand behind, waits no more."""
    if party.status != rules.WAITING:
        raise Conflict(f"{party} {_NOW[party.status]} now. Nothing was done.", field=field)


def require_first(party: Party, head: Party | None) -> None:
    """Raises Conflict when the party is not the `head` of those waiting."""
    if party != head:
        raise Conflict(f"{party} is not first in line any more: {head} is. No party was called.")


def at_tables(party: Party) -> str:
    """Where a party sits: the ids of its tables, "none" when it sits at none."""
    return "-".join(map(str, party.tables)) if party.sits else "none"


def require_at_tables(party: Party, saw: str) -> None:
    """Raises Conflict when the party does not sit where the host saw it."""
    if saw and saw != at_tables(party):
        where = "sits at another table now" if party.sits else "sits at no table any more"
        raise Conflict(f"{party} {where}. Nothing was done.")


def details(party: Party) -> str:
    """A digest of what can be edited of a party."""
    return mark(party.name, party.size, party.note, party.quote_low_ms, party.quote_high_ms, party.section)


def details_of_view(party: View) -> str:
    """The same of a party in the line's row."""
    return mark(*(party[name] for name in ("name", "size", "note", "quoteLowMs", "quoteHighMs", "section")))


def own_details(party: Party) -> str:
    """A digest of what its guest is shown and may change."""
    return mark(party.size, party.note_by_host, "" if party.note_by_host else party.note)


def require_details(party: Party, saw: str) -> None:
    """Raises Conflict when the party was edited since."""
    if saw and saw != details(party):
        name, note = party.name or "Guest", f", “{party.note}”" if party.note else ""
        raise Conflict(f"{party} was edited on another device: {name}, {party.size} guests{note}. Nothing was saved.")


def settings(line: Queue) -> str:
    """A digest of the line's settings that can be edited."""
    hours = str(line.open_time), str(line.close_time)
    return mark(
        line.event_name, line.location, *hours, line.call_window_s, line.max_guests, line.auto_advance, line.here_only,
        line.auto_no_show, line.on_my_way_s,
    )  # fmt: skip


def require_settings(line: Queue, saw: str) -> None:
    """Raises Conflict when the rules were changed since."""
    if saw and saw != settings(line):
        raise Conflict(OTHER_RULES)


def message(at: datetime | int | None) -> str:
    """Which message stands on the tickets: when it was sent (a time, or ms since 1970), "none" without one."""
    return str((milliseconds(at) if isinstance(at, datetime) else at) or "none")


def require_message(line: Queue, saw: str) -> None:
    """Raises Conflict when another message stands on the tickets, or none."""
    if saw and saw != message(line.message_at):
        raise Conflict(OTHER_MESSAGE)
