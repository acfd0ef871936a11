"""The words in which a line's events are told, a sentence for each type. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from outbox.log import who
from outbox.models import Event


@dataclass(frozen=True, slots=True)
class Scene:
    """An event with what is known around it."""

    event: Event
    zone: tzinfo
    tickets: Mapping[str, int]
    times: Mapping[int, datetime] = field(default_factory=dict)
    time_scale: int = 1

    @property
    def who(self) -> str:
        """The actor, by the address they signed in with if they did."""
        return who(self.event, system="the line itself")

    @property
    def by_itself(self) -> bool:
        """A deadline caused it, not a person."""
        return self.event.actor == "system"

    @property
    def no(self) -> str:
        """The party by its ticket number."""
        ticket = self.tickets.get(str(self.event.party_id))
        return f"no. {ticket}" if ticket is not None else "a party"

    @property
    def until(self) -> str:
        """The deadline that the event set, as the end of a sentence."""
        if self.time_scale != 1:
            return ""
        deadline = self.event.data.get("deadline")
        return f", until {self.clock(datetime.fromtimestamp(deadline / 1000, tz=UTC)) if deadline else '?'}"

    def quoted(self, name: str) -> str:
        """What a text of the event's own party became, as the end of a sentence."""
        text = self.became(name)
        return f": “{text}”" if text else ""

    @property
    def pressed(self) -> str:
        """When a host has pressed the button whose device had no network, as the end of a sentence."""
        at = self.event.data.get("pressedAt")
        if at is None or self.time_scale != 1:
            return ""
        return f" (pressed at {self.clock(datetime.fromtimestamp(at / 1000, tz=UTC))}, without a network)"

    @property
    def quote(self) -> str:
        """The wait that the event told the party."""
        return wait_range(self.event.data.get("waitLowMs", 0), self.event.data.get("waitHighMs", 0))

    def clock(self, moment: datetime) -> str:
        """A time of day in the line's zone."""
        return moment.astimezone(self.zone).strftime("%H:%M:%S")

    def tables(self, lead: str) -> str:
        """The tables that the event names, such as " at tables 4, 5"; empty without any."""
        names = self.event.data.get("tables") or []
        return f" {lead}table{'s' if len(names) > 1 else ''} {', '.join(names)}" if names else ""

    def waited_ms(self) -> int | None:
        """How long the party had waited, by the line's own clock."""
        waited_ms: int | None = self.event.data.get("waitedMs")
        return waited_ms * self.time_scale if waited_ms is not None else None

    def changed(self) -> dict[str, list[Any]]:
        """The fields of the event's own party that changed, as [before, after]."""
        fields: dict[str, list[Any]] = self.event.changes.get("parties", {}).get(str(self.event.party_id), {})
        return fields

    def became(self, name: str) -> Any:
        """What a field of the event's own party became; None when it did not change (or was anonymised since)."""
        return self.changed().get(name, [None, None])[1]


def minutes(milliseconds: int | None) -> str:
    """A wait in whole minutes; less than one is named so."""
    if milliseconds is None:
        return "an unknown time"
    return f"{round(milliseconds / 60_000)} min" if milliseconds >= 60_000 else "less than a minute"


def wait_range(low_ms: int, high_ms: int) -> str:
    """A quoted range, widened to whole minutes."""
    return "no wait" if high_ms <= 0 else f"{low_ms // 60_000}–{-(-high_ms // 60_000)} min"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th …"""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _opened(scene: Scene) -> str:
    fields = scene.event.changes.get("queue", {})
    name, most = (fields.get(field, [None, None])[1] for field in ("event_name", "max_guests"))
    who = "its service" if scene.by_itself else scene.who
    return f"{who} opened the line" + (f" “{name}”, for {most} guests at most" if name else "")


def _joined(scene: Scene) -> str:
    size, name = scene.became("size"), scene.became("name")
    party = f"{name} ({size})" if name else f"A party of {size}" if size else "A party"
    wait = f"quoted {scene.quote}"
    if scene.became("walk_in"):
        who = scene.who[:1].upper() + scene.who[1:]
        return f"{who} added {party[:1].lower() + party[1:] if not name else party} as {scene.no}, {wait}"
    return f"{party} joined as {scene.no}, {wait}"


def _nearby(scene: Scene) -> str:
    if not scene.became("on_my_way_at"):
        return f"{scene.no} said they are close"
    return f"{scene.no} said they are on their way{scene.until if 'deadline' in scene.event.data else ''}"


def _paused(scene: Scene) -> str:
    reason = scene.event.changes.get("queue", {}).get("pause_reason", [None, None])[1]
    return f"{scene.who} paused the line: nobody new may join" + (f" (“{reason}”)" if reason else "")


def _called(scene: Scene) -> str:
    how = f"({ordinal(scene.event.data.get('round', 1))} call){scene.until}"
    return f"{scene.no} was called by itself {how}" if scene.by_itself else f"{scene.who} called {scene.no} {how}"


def _dropped(scene: Scene) -> str:
    if scene.by_itself:
        return f"{scene.no} did not come: no-show (by itself)"
    return f"{scene.who} marked {scene.no} as no-show"


def _freed(scene: Scene) -> str:
    turn = minutes(scene.event.data.get("turnMs", 0) * scene.time_scale)
    where = scene.tables("") or " the table"
    if scene.by_itself:
        return f"nobody freed{where} of {scene.no} for {turn}: it was freed by itself"
    return f"{scene.who} freed{where} of {scene.no}, after {turn}"


def _edited(scene: Scene) -> str:
    shown = ((name, values) for name, values in scene.changed().items() if name in {"name", "size", "note"})
    changes = ", ".join(_from_to(name, before, after) for name, (before, after) in shown) or "something"
    return (
        f"{scene.no} changed {changes}"
        if scene.event.actor == "guest"
        else f"{scene.who} corrected {scene.no}: {changes}"
    )


def _from_to(name: str, before: Any, after: Any) -> str:
    """A change of a field. Both are empty where it was forgotten since (queues/personal.py)."""
    return f"{name} from “{before}” to “{after}”" if before or after else name


def _asked_notice(scene: Scene) -> str:
    parties = scene.event.data.get("parties", 0)
    if not parties:
        return f"{scene.no} does not want to be told any more that it is near"
    return f"{scene.no} asked to be told when {parties} {'party is' if parties == 1 else 'parties are'} before it"


def _let_pass(scene: Scene) -> str:
    passed = scene.event.data.get("parties", 1)
    return f"{scene.no} let {passed} {'party' if passed == 1 else 'parties'} pass"


def _line_edited(scene: Scene) -> str:
    fields = scene.event.changes.get("queue", {})
    changes = (
        f"{name.replace('_', ' ')} from {before} to {after}"
        for name, (before, after) in fields.items()
        if name not in {"closes_at", "closing_at", "last_entry_at", "entry_over", "called_by_clock"}
    )
    return f"{scene.who} changed the line: {', '.join(changes) or 'something'}"


def _forgotten(scene: Scene) -> str:
    parties = scene.event.data.get("parties", 0)
    return f"names, notes and messages of {parties} {'party' if parties == 1 else 'parties'} were forgotten"


def _undone(scene: Scene) -> str:
    data = scene.event.data
    text = f"{scene.who} undid ‘{data.get('action', 'an action').replace('_', ' ')}’"
    when = scene.times.get(data.get("undoes", -1))
    return f"{text} of {scene.clock(when)}" if when else text


def _closed(scene: Scene) -> str:
    reason, left = scene.event.data.get("reason"), scene.event.data.get("queueLength", 0)
    by_itself = {"hours": "at its closing time", "idle": "idle and empty", "age": "twelve hours old"}
    how = by_itself.get(str(reason))
    text = f"the line closed by itself, {how}" if how else f"{scene.who} closed the line"
    return f"{text}; {left} {'party was' if left == 1 else 'parties were'} still in it"


def _said(scene: Scene) -> str:
    text = scene.event.data.get("text", "")
    return f"{scene.who} said to everybody in line" + (f": “{text}”" if text else " something that is forgotten since")


# What follows by itself when another party goes.
MILESTONES = frozenset({"QUEUE_POSITION_2", "QUEUE_POSITION_5", "QUEUE_POSITION_NOTICE"})
SENTENCES: dict[str, Callable[[Scene], str]] = {
    "QUEUE_OPENED": _opened,
    "QUEUE_REPLAYED": lambda scene: f"{scene.who} set the clock to {scene.event.data.get('timeScale')} times real time",
    "QUEUE_MEMBER_JOINED": _joined,
    "QUEUE_MEMBER_NEARBY": _nearby,
    "QUEUE_MEMBER_CALLED": _called,
    "QUEUE_MEMBER_SERVED": lambda scene: (
        f"{scene.who} seated {scene.no}{scene.tables('at ')}, after {minutes(scene.waited_ms())}"
    ),
    "QUEUE_TABLE_CHANGED": lambda scene: f"{scene.who} moved {scene.no}{scene.tables('to ')}",
    "QUEUE_TABLE_FREED": _freed,
    "QUEUE_MEMBER_LEFT": lambda scene: f"{scene.no} left the line",
    "QUEUE_MEMBER_KICKED": lambda scene: f"{scene.who} removed {scene.no}",
    "QUEUE_MEMBER_DROPPED": _dropped,
    "QUEUE_MEMBER_LATE": lambda scene: f"{scene.no} is late: its time to come is over, and a host decides",
    "QUEUE_MEMBER_MESSAGED": lambda scene: f"{scene.who} wrote to {scene.no}{scene.quoted('message')}",
    "QUEUE_MEMBER_MESSAGE_CLEARED": lambda scene: f"{scene.who} took the message to {scene.no} back",
    "QUEUE_MEMBER_TOOK_TICKET": lambda scene: f"{scene.no} has its ticket on a phone now",
    "QUEUE_MEMBER_WROTE": lambda scene: f"{scene.no} wrote to the host",
    "QUEUE_MEMBER_RECOGNISED": lambda scene: f"the list shows again whom {scene.no} is known as",
    "QUEUE_MEMBER_STOPPED_TEXTS": lambda scene: f"the number of {scene.no} said STOP: it gets no more texts",
    "QUEUE_MEMBER_STARTED_TEXTS": lambda scene: f"the number of {scene.no} said START: it gets texts again",
    "QUEUE_MEMBER_CHOSE_WAYS": lambda scene: f"{scene.no} chose how it is told",
    "QUEUE_MEMBER_ASKED_CODE": lambda scene: f"{scene.no} asked for another code to prove its number",
    "QUEUE_MEMBER_PROVED_NUMBER": lambda scene: f"{scene.no} proved its number by a code",
    "QUEUE_LAPSED_DISMISSED": lambda scene: f"{scene.who} dismissed no-shows by the clock from the console",
    "QUEUE_MEMBER_PUT_BACK": lambda scene: f"{scene.who} put {scene.no} back to the head of the line",
    "QUEUE_MEMBER_MOVED": lambda scene: (
        f"{scene.who} moved {scene.no} to the {ordinal(scene.event.data.get('position', 1))} place"
    ),
    "QUEUE_MEMBER_LET_PASS": _let_pass,
    "QUEUE_MEMBER_ASKED_NOTICE": _asked_notice,
    "QUEUE_MEMBER_ASKED_TIME": lambda scene: f"{scene.no} asked for more time",
    "QUEUE_MEMBER_GIVEN_TIME": lambda scene: f"{scene.who} gave {scene.no} more time{scene.until}",
    "QUEUE_MEMBER_EDITED": _edited,
    "QUEUE_MEMBER_QUOTED": lambda scene: f"{scene.who} told {scene.no}: {scene.quote} from joining",
    "QUEUE_VISIT_ASKED": lambda scene: f"{scene.no} was asked how its visit was",
    "QUEUE_VISIT_ANSWERED": lambda scene: (
        f"{scene.no} answered how its visit was: {scene.event.data.get('answer', '?')} of 5"
    ),
    "QUEUE_EDITED": _line_edited,
    "QUEUE_MESSAGE_SENT": _said,
    "QUEUE_MESSAGE_CLEARED": lambda scene: f"{scene.who} took the message to everybody back",
    "QUEUE_QUESTIONS_SHOWN": lambda scene: "the questions on the tickets changed",
    "QUEUE_POSITION_2": lambda scene: f"{scene.no} came to the 1st place",
    "QUEUE_POSITION_5": lambda scene: f"{scene.no} came to the 4th place",
    "QUEUE_POSITION_NOTICE": lambda scene: f"{scene.no} is as near as it asked to be told",
    "QUEUE_TOKEN_RENEWED": lambda scene: f"{scene.who} ended all host tokens given so far",
    "QUEUE_LAST_ENTRY": lambda scene: "last entry is over: no more guests may join",
    "QUEUE_WAIT_SET": lambda scene: f"{scene.who} set the wait of new guests to {scene.quote}",
    "QUEUE_WAIT_CLEARED": lambda scene: f"{scene.who} took back the wait set for new guests",
    "QUEUE_WAIT_OVER": lambda scene: "new guests are told our estimate of the wait again",
    "QUEUE_PAUSED": _paused,
    "QUEUE_RESUMED": lambda scene: f"{scene.who} let guests join again",
    "QUEUE_ACTION_UNDONE": _undone,
    "QUEUE_CLOSED": _closed,
    "QUEUE_FORGOTTEN": _forgotten,
    "QUEUE_MEMBER_ERASED": lambda scene: f"{scene.who} had all that is personal of {scene.no} erased",
    "PUSH_SUBSCRIBED": lambda scene: f"{scene.no} switched notifications on",
    "PUSH_RESENT": lambda scene: f"{scene.who} sent the call of {scene.no} to its phone once more",
    "PUSH_ANNOUNCED": lambda scene: f"the host’s message to everybody is sent to {scene.no}",
    "PUSH_OWED": lambda scene: f"another phone of {scene.no} is told as soon as it can be",
    "PUSH_TESTED": lambda scene: f"{scene.who} sent a test message to {scene.no}",
}
