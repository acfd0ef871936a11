"""What the console shows of a line: the context of host/_board.html, and of the pane of one party."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Avg, DurationField, F
from django.http import Http404, HttpRequest

from core import clock
from core.clock import milliseconds
from core.json_types import View
from queues import rules, seen, selectors, shapes, waits
from queues.models import Party, Queue
from queues.pages import labels
from queues.pages.marks import marks
from queues.pages.tables import tables_context
from queues.pages.undoing import undo_context
from web.sending import new_form_key

SHOWN_AT_FIRST = 60
MOST_SHOWN = 600
ENDED_SHOWN = 12
ENDED_FOR = timedelta(minutes=10)
# How parties are told apart by size: from, to, and what the button says.
LANES = ((1, 2, "1–2"), (3, 4, "3–4"), (5, 6, "5–6"), (7, "", "7+"))  # noqa: RUF001 a range


def list_context(request: HttpRequest, line: Queue) -> View:
    """What host/_board.html shows of the line, asked of Postgres now."""
    row = selectors.current_row(line.pk)
    if row is None:
        raise Http404("unknown code")
    now = clock.now()
    now_ms = milliseconds(now)
    expected, unknown = _expected(row, now_ms), shapes.unknown(waits.of_row(row))
    asked = request.GET.get("show", "")
    show = min(int(asked), MOST_SHOWN) if asked.isdecimal() and len(asked) < 7 else SHOWN_AT_FIRST
    ended = line.parties.filter(ended_at__gt=now - ENDED_FOR, lapsed=False).exclude(status=rules.CLOSED)
    lapsed = line.parties.filter(lapsed=True).order_by("-ended_at", "-ticket")
    return {
        "line": line,
        "row": row,
        "now_ms": now_ms,
        "as_of": now,
        "zone": line.zone,
        "called": [_called(party, now_ms, line.time_scale) for party in row["called"]],
        "waiting": [
            _waiting(party, now_ms, line.time_scale) | _place(row["waiting"], place) | {"expected": next(expected)}
            for place, party in enumerate(row["waiting"][:show], start=1)
        ],
        "first": row["waiting"][0] if row["waiting"] else None,
        "more": max(len(row["waiting"]) - show, 0),
        "show": show,
        "show_more": min(show * 2, MOST_SHOWN),
        "may_show_more": show < MOST_SHOWN,
        "guests": sum(party["size"] for party in row["waiting"]),
        **_room(row, largest=selectors.largest_party(line)),
        "saw_settings": seen.settings(line),
        "saw_message": seen.message(row["message"]["at"] if row["message"] else None),
        "number": len(row["waiting"]),
        "more_seconds": line.call_window_s,
        "more_time": labels.exact(line.call_window_s),
        "average": _average_wait(line),
        "new_wait": labels.wait_range(*shapes.join_wait(row), known="joinUnknown" not in unknown),
        "wait_known": "joinUnknown" not in unknown,
        "wait_set": _wait_set(row, now_ms),
        "late": sum(party["lateAt"] is not None for party in row["called"]),
        "said_ago": labels.ago((now_ms - row["message"]["at"]) // 60_000) if row["message"] else "",
        "ended": [_ended(party, now_ms) for party in ended.order_by("-ended_at", "-ticket")[:ENDED_SHOWN]],
        # All of them, however long ago: only a host's action removes them from the console.
        "lapsed": (ended_by_clock := [_ended(party, now_ms) for party in lapsed]),
        "marks": marks(row, lapsed=len(ended_by_clock)),
        "lanes": LANES,
        "tables": tables_context(line, row, now),
        "hours": labels.hours(line),
        **undo_context(line, now),
        "key": new_form_key(),
    }


def _room(row: View, *, largest: int) -> View:
    """How many guests are in line, whether others can join, and whether a walk-in may be one too many."""
    there = shapes.guests_in_line(row)
    left = row["maxGuests"] - there
    states = {"over": row["entryOver"], "paused": row["paused"], "full": left <= 0}
    joining = next((state for state, is_so in states.items() if is_so), "open")
    return {"in_line": there, "full": left <= 0, "nearly_full": left < largest, "joining": joining}


def _expected(row: View, now_ms: int) -> Iterator[str]:
    """The wait of each waiting party from now on, in their order: as its own ticket says it."""
    standing = waits.of_row(row)
    promises = {party["ticket"]: party["promised"] for party in row["noted"] if party["promised"]}
    for party, quote in zip(row["waiting"], standing.each(each["size"] for each in row["waiting"]), strict=True):
        if promised := promises.get(party["ticket"]):
            yield labels.wait_range(*rules.left_of_promise(*promised, now_ms=now_ms, time_scale=row["timeScale"]))
        else:
            yield labels.wait_range(quote.low_ms, quote.high_ms, known=quote.known)


def _place(waiting: list[View], place: int) -> View:
    """Its place among those waiting, and whom the host would see just before it one place further up or down."""
    before = waiting[place - 3]["id"] if place > 2 else ""
    return {"place": place, "behind_up": before, "behind_down": waiting[place]["id"] if place < len(waiting) else ""}


def _waiting(party: View, now_ms: int, scale: int) -> View:
    waited_ms = (now_ms - party["joinedAt"]) * scale  # a replayed line is quoted in its own, faster time
    return {
        **party,
        "saw": seen.state_of_view(party),
        "saw_details": seen.details_of_view(party),
        "waited": labels.duration(max(int(waited_ms // 60_000), 0)),
        "quoted": labels.wait_range(party["quoteLowMs"], party["quoteHighMs"]),
        "late": waited_ms > party["quoteHighMs"] > 0,
        "on_my_way": party["nearby"] or party["onMyWayAt"] is not None,
        "quote_low": party["quoteLowMs"] // 60_000,
        "quote_high": -(-party["quoteHighMs"] // 60_000),
    }


def _called(party: View, now_ms: int, scale: int) -> View:
    left_s = ((party["deadline"] or now_ms) - now_ms) // 1000
    minutes, seconds = divmod(abs(int(left_s)), 60)
    overdue = party["deadline"] is not None and party["deadline"] <= now_ms
    left = labels.duration(minutes) if overdue else f"{minutes}:{seconds:02}"
    return {**_waiting(party, now_ms, scale), "left": left, "overdue": overdue}


def party_context(line: Queue, ticket: int) -> View | None:
    """One party in line, as its pane shows it; None when no party of that ticket is in line."""
    row = selectors.current_row(line.pk)
    if row is None:
        return None
    now = clock.now()
    now_ms = milliseconds(now)
    number = len(row["waiting"])
    more = {"number": number, "tables": tables_context(line, row, now)}
    for place, (party, expected) in enumerate(zip(row["waiting"], _expected(row, now_ms), strict=True), start=1):
        if party["ticket"] == ticket:
            shown = _waiting(party, now_ms, line.time_scale) | _place(row["waiting"], place)
            return {"party": shown | {"expected": expected}, **more}
    called = next((party for party in row["called"] if party["ticket"] == ticket), None)
    return {"party": _called(called, now_ms, line.time_scale), **more} if called else None


def _ended(party: Party, now_ms: int) -> View:
    ago_min = (now_ms - (milliseconds(party.ended_at) or now_ms)) // 60_000
    return {
        "id": str(party.pk),
        "saw": seen.state(party),
        "ticket": party.ticket,
        "name": party.name,
        "size": party.size,
        "how": labels.ended(party.status),
        "ago": labels.ago(ago_min),
    }


def _average_wait(line: Queue) -> str:
    """How long those who were seated have waited, on average; a dash before the first was."""
    waited = Avg(F("ended_at") - F("joined_at"), output_field=DurationField())
    average = line.parties.filter(status=rules.SERVED).aggregate(waited=waited)["waited"]
    return labels.duration(round(average * line.time_scale / timedelta(minutes=1))) if average is not None else "–"  # noqa: RUF001


def _wait_set(row: View, now_ms: int) -> View | None:
    """The wait that a host has set for new guests, and for how long it is still good; None without one."""
    if (wait := row["wait"]) is None:
        return None
    minutes = max(-(-(wait["until"] - now_ms) // 60_000), 0)
    return {"range": labels.wait_range(wait["lowMs"], wait["highMs"]), "left": labels.duration(int(minutes)), **wait}
