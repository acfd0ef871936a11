"""Labels of waits, hours and actions. frontend/shared/labels.ts says all but actions in the same way; of waits
tests/queues/waits_said.json has the cases of both."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.times_of_day import time_of_day
from queues import rules
from queues.models import Queue
from queues.quotes.limits import LONGEST_MS, range_said

HOURS_FROM_MIN = 90
_MINUTE = 60_000

# What a host's action is called on the undo button; {party} is a ticket such as "#12".
ACTIONS = {
    "advance": "called {party}",
    "call": "called {party}",
    "serve": "seated {party}",
    "no_show": "no-show of {party}",
    "message_party": "message to {party}",
    "clear_party_message": "cleared the message to {party}",
    "move_behind": "moved {party}",
    "set_wait": "set the wait",
    "clear_wait": "cleared the wait",
    "let_pass": "{party} let others pass",
    "kick": "removed {party}",
    "free_table": "freed the table of {party}",
    "change_table": "moved {party} to another table",
    "put_back": "put {party} back",
    "dismiss_lapsed": "dismissed {party}",
    "reorder": "moved {party}",
    "give_more_time": "gave {party} more time",
    "edit_party": "edited {party}",
    "edit_line": "changed the line",
    "send_message": "message to everyone",
    "clear_message": "cleared the message",
    "add_walk_in": "added {party}",
    "pause": "paused the line",
    "resume": "resumed the line",
    "close": "closed the line",
    "declare_nearby": "{party} is nearby",
}

# Messages to one guest that take one tap. A host may send any other.
MESSAGES = (
    "Your table is almost ready. Please stay close.",
    "Your table is ready. Please come to the host now.",
    "It takes about ten minutes longer than we said. Sorry for the wait.",
    "We can seat you now if you like the bar. Please tell the host.",
    "We could not find you. Are you still coming?",
)

# What was not done, by the button's name in its path.
NOT_DONE = {
    "call": "The call of {party} was not made.",
    "call-again": "{party} was not called again.",
    "seat": "{party} was not seated.",
    "free": "The table of {party} was not given back.",
    "change-table": "{party} was not moved to another table.",
    "more-time": "{party} did not get more time.",
    "no-show": "{party} was not marked as no-show.",
    "remove": "{party} was not removed.",
    "put-back": "{party} was not put back.",
    "dismiss": "Nothing was dismissed.",
    "up": "{party} was not moved.",
    "down": "{party} was not moved.",
    "move": "{party} was not moved.",
    "to-top": "{party} was not moved.",
    "to-place": "{party} was not moved.",
    "behind": "{party} was not moved.",
    "message-party": "The message to {party} was not sent.",
    "clear-party-message": "The message to {party} was not cleared.",
    "wait": "The wait was not set.",
    "clear-wait": "The wait was not cleared.",
    "edit": "{party} was not changed.",
    "message": "The message was not sent.",
    "clear-message": "The message was not cleared.",
    "settings": "The rules of the line were not changed.",
    "walk-in": "The walk-in was not added.",
    "undo": "Nothing was undone.",
    "pause": "The line was not paused.",
    "resume": "The line was not resumed.",
    "close": "The line was not closed.",
}


def patterns() -> dict[str, str]:
    """The patterns of waits in the page's language, for this module and the pages' scripts."""
    return {
        "now": _("any moment now"),
        "unknown": _("we cannot say yet"),
        "upTo": _("up to {high}"),
        "minutes": _("{low}–{high} min"),
        "range": _("{low} – {high}"),
        "min": _("{n} min"),
        "h": _("{h} h"),
        "hMin": _("{h} h {n} min"),
        "lastEntry": _("Last entry at {entry}."),
        "closing": _("The line closes at {closing}. Parties in it are still seated, until {end} at the latest."),
    }


def wait_range(low_ms: int, high_ms: int, *, known: bool = True) -> str:
    """A wait as people read it, e.g. "20–30 min", in the numbers that people say (queues/quotes/limits.py); or that it is not
    known yet."""
    words = patterns()
    if not known:
        return words["unknown"]
    if high_ms <= 0:
        return words["now"]
    low, high = (ms // _MINUTE for ms in range_said(low_ms / _MINUTE, high_ms / _MINUTE, most_ms=LONGEST_MS))
    if low <= 0:
        return words["upTo"].format(high=duration(high))
    if low >= high:
        return duration(high)
    if high <= HOURS_FROM_MIN:
        return words["minutes"].format(low=low, high=high)
    return words["range"].format(low=duration(low), high=duration(high))


def hours(line: Queue) -> str:
    """When a service's line ends, as everybody in front of it reads it; empty for other lines."""
    if line.last_entry_at is None or line.closing_at is None:
        return ""
    words = patterns()
    entry, closing, end = (
        time_of_day(at, line.timezone) for at in (line.last_entry_at, line.closing_at, line.closes_at)
    )
    last = [words["lastEntry"].format(entry=entry)] if line.last_entry_at != line.closing_at else []
    return " ".join([*last, words["closing"].format(closing=closing, end=end)])


def opening(opens: datetime, at: datetime, zone: str) -> str:
    """When a venue opens next, by its clock, e.g. "Opens today at 18:00."."""
    local, today = opens.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(zone)).date()
    values = {
        "time": time_of_day(local),
        "day": date_format(local, pgettext("Django's date format, of a day", "l, j F")),
    }
    ahead = (local.date() - today).days
    if ahead > 1:
        return _("Opens on {day}, at {time}.").format(**values)
    return (_("Opens tomorrow at {time}.") if ahead else _("Opens today at {time}.")).format(**values)


def exact(seconds: int) -> str:
    """A time that is given to the second, e.g. "2 min", "90 s"."""
    return f"{seconds} s" if seconds % 60 else f"{seconds // 60} min"


def duration(minutes: int) -> str:
    """E.g. "45 min", "2 h", "2 h 15 min"."""
    words = patterns()
    if minutes <= HOURS_FROM_MIN:
        return words["min"].format(n=minutes)
    h, n = divmod(minutes, 60)
    return words["hMin"].format(h=h, n=n) if n else words["h"].format(h=h)


def ago(minutes: int) -> str:
    """E.g. "3 min ago", "just now"."""
    return f"{duration(minutes)} ago" if minutes > 0 else "just now"


def guests(size: int) -> str:
    """How many a party is, e.g. "3 guests"."""
    return ngettext("%(n)s guest", "%(n)s guests", size) % {"n": size}


def ended(status: str) -> str:
    """How a party's place ended, for the host."""
    return {
        rules.SERVED: "seated",
        rules.LEFT: "left",
        rules.KICKED: "removed",
        rules.NO_SHOW: "no-show",
        rules.CLOSED: "line closed",
    }[status]


def done(action: str, ticket: int | None) -> str:
    """A host's action as the undo button names it, e.g. "called #12"."""
    return ACTIONS.get(action, action.replace("_", " ")).format(party=f"#{ticket}" if ticket else "a party").strip()


def not_done(action: str, ticket: int | None) -> str:
    """What the button of that name did not do, e.g. "The call of #12 was not made."; empty for no button."""
    text = NOT_DONE.get(action, "").format(party=f"#{ticket}" if ticket else "the party")
    return text[:1].upper() + text[1:]
