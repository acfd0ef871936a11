"""The host's console: the line at a glance and every action on it. One template of the list serves page and script."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Avg, DurationField, F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actors import Actor
from core.clock import milliseconds
from core.errors import Refused
from core.json_types import View
from core.languages import in_english
from queues import commands, rules, seen, selectors, shapes
from queues.models import Party, Queue
from queues.pages import labels
from queues.pages.access import LINES, host_only, of_line
from queues.pages.actions import ACTIONS, MAKING, Outcome, done
from queues.pages.forms import MessageForm, WalkInForm
from queues.pages.line_forms import LineForm, PauseForm, WaitForm
from queues.pages.marks import marks
from queues.pages.tables import tables_context
from venues.authentication import given_token
from venues.pages.codes import second_device_of
from venues.proofs import Subject
from web.posters import Poster, link_context, poster_page, qr_page
from web.redirects import SeeOther
from web.sending import Form, new_form_key
from web.unsent import wants_fragment

POLL_MS = 2_000
SHOWN_AT_FIRST = 60
MOST_SHOWN = 600
ENDED_SHOWN = 12
ENDED_FOR = timedelta(minutes=10)


@require_safe
@host_only
def console(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """The whole console."""
    for action in MAKING:
        _form(line, action).offer(request)
    context = {
        **list_context(request, line),
        "walk_in": WalkInForm(auto_id="walk-in-%s"),
        # Proves this host to the polled API; the page is not stored and goes to hosts only.
        "host_token": given_token(request, Subject.of(line), actor=actor, proved=Subject.of(line)),
        "poll_ms": POLL_MS,
        **link_context(request, reverse("join", args=[line.code])),
        "message": MessageForm(auto_id="message-%s"),
        "message_templates": labels.MESSAGES,
        "pause": PauseForm(auto_id="pause-%s", initial={"reason": line.pause_reason}),
        "wait": WaitForm(auto_id="wait-%s"),
        "settings": LineForm(line=line, auto_id="line-%s"),
        "host_link": LINES.link_context(request, line),
    }
    return render(request, "host/console.html", context)


@require_safe
@host_only
def console_list(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """The part of the console that changes."""
    return render(request, "host/_board.html", list_context(request, line))


@require_safe
@host_only
def console_tables(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """The console's tables alone: another line of the venue may have changed them."""
    row = selectors.current_row(line.pk)
    context = {"line": line, "row": row, "tables": tables_context(line, row, clock.now()) if row else None}
    return render(request, "host/_tables.html", context)


renew_token = LINES.renewing(commands.renew_token)
second_device = second_device_of(LINES)


@require_POST
@host_only
def host_action(request: HttpRequest, line: Queue, actor: Actor, action: str) -> HttpResponse:
    """One button: one command, then the console again; a script of the page gets the list at once."""
    if action not in ACTIONS and action not in MAKING:
        raise Http404("no such action")
    status = 200
    outcome = Outcome()
    try:
        outcome = _do(request, line, actor, action)
        if outcome.text:
            messages.success(request, outcome.text)
    except Refused as refused:
        messages.error(request, refused.message)
        status = refused.status
    if wants_fragment(request):
        line.refresh_from_db()
        return render(request, "host/_board.html", list_context(request, line), status=status)
    if outcome.leads_to:
        return SeeOther(outcome.leads_to)
    shown = request.GET.get("show", "")
    return SeeOther(reverse("console", args=[line.code]) + (f"?show={int(shown)}" if shown.isdecimal() else ""))


def _do(request: HttpRequest, line: Queue, actor: Actor, action: str) -> Outcome:
    """Performs the action. Raises Refused."""
    if action not in MAKING:
        return Outcome(ACTIONS[action](line, request.POST, actor) or "")
    form = _form(line, action)
    outcome = MAKING[action](line, request.POST, actor, form.key(request))
    form.answered(request)
    return outcome


def _form(line: Queue, action: str) -> Form:
    """One of the console's forms that make something."""
    return Form(f"form_{action}", reverse("console", args=[line.code]))


def list_context(request: HttpRequest, line: Queue) -> View:
    """What host/_board.html shows of the line, asked of Postgres now."""
    row = selectors.current_row(line.pk)
    if row is None:
        raise Http404("unknown code")
    now = clock.now()
    now_ms = milliseconds(now)
    asked = request.GET.get("show", "")
    show = min(int(asked), MOST_SHOWN) if asked.isdecimal() and len(asked) < 7 else SHOWN_AT_FIRST
    ended = line.parties.filter(ended_at__gt=now - ENDED_FOR, lapsed=False).exclude(status=rules.CLOSED)
    lapsed = line.parties.filter(lapsed=True).order_by("-ended_at", "-ticket")
    undoable = _undoable(line, now)
    return {
        "line": line,
        "row": row,
        "now_ms": now_ms,
        "as_of": now,
        "zone": line.zone,
        "called": [_called(party, now_ms, line.time_scale) for party in row["called"]],
        "waiting": [
            _waiting(party, now_ms, line.time_scale) | _place(row["waiting"], place)
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
        "more_seconds": line.call_window_s,
        "more_time": labels.exact(line.call_window_s),
        "average": _average_wait(line),
        "new_wait": labels.wait_range(*shapes.join_wait(row)),
        "wait_set": _wait_set(row, now_ms),
        "late": sum(party["lateAt"] is not None for party in row["called"]),
        "said_ago": _ago((now_ms - row["message"]["at"]) // 60_000) if row["message"] else "",
        "ended": [_ended(party, now_ms) for party in ended.order_by("-ended_at", "-ticket")[:ENDED_SHOWN]],
        # All of them, however long ago: only a host's action removes them from the console.
        "lapsed": (ended_by_clock := [_ended(party, now_ms) for party in lapsed]),
        "marks": marks(row, lapsed=len(ended_by_clock)),
        "hours": labels.hours(line),
        "tables": tables_context(line, row, now),
        "undo": undoable[0] if undoable else None,
        "undoable": undoable,
        "key": new_form_key(),
    }


def _room(row: View, *, largest: int) -> View:
    """How many guests are in line, and whether a walk-in may be one too many."""
    there = shapes.guests_in_line(row)
    left = row["maxGuests"] - there
    return {"in_line": there, "full": left <= 0, "nearly_full": left < largest}


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
        "quote_low": party["quoteLowMs"] // 60_000,
        "quote_high": -(-party["quoteHighMs"] // 60_000),
    }


def _called(party: View, now_ms: int, scale: int) -> View:
    left_s = max(int((party["deadline"] or now_ms) - now_ms), 0) // 1000
    overdue = party["deadline"] is not None and party["deadline"] <= now_ms
    return {
        **_waiting(party, now_ms, scale),
        "left": f"{left_s // 60}:{left_s % 60:02}",
        "overdue": overdue,
        # Past its call's deadline; `late` is past its quote.
        "is_late": party["lateAt"] is not None,
        "late_for": labels.duration(max(now_ms - party["deadline"], 0) // 60_000) if party["lateAt"] else "",
        "on_my_way": party["onMyWayAt"] is not None,
    }


def _ended(party: Party, now_ms: int) -> View:
    ago_min = (now_ms - (milliseconds(party.ended_at) or now_ms)) // 60_000
    return {
        "id": str(party.pk),
        "saw": seen.state(party),
        "ticket": party.ticket,
        "name": party.name,
        "size": party.size,
        "how": labels.ended(party.status),
        "ago": _ago(ago_min),
    }


def _ago(minutes: int) -> str:
    return f"{labels.duration(minutes)} ago" if minutes > 0 else "just now"


def _average_wait(line: Queue) -> str:
    """How long those who were seated have waited, on average; a dash before the first was."""
    waited = Avg(F("ended_at") - F("joined_at"), output_field=DurationField())
    average = line.parties.filter(status=rules.SERVED).aggregate(waited=waited)["waited"]
    return labels.duration(round(average * line.time_scale / timedelta(minutes=1))) if average is not None else "–"  # noqa: RUF001


def _undoable(line: Queue, now: datetime) -> list[View]:
    """The actions that can be taken back one after the other, newest first: the version of each, what it was, until when it can
    be undone."""
    return [
        {"version": each.version, "what": done(line, each), "until_ms": milliseconds(each.until)}
        for each in commands.actions_to_undo(line.pk, now)
    ]


def _wait_set(row: View, now_ms: int) -> View | None:
    """The wait that a host has set for new guests, and for how long it is still good; None without one."""
    if (wait := row["wait"]) is None:
        return None
    minutes = max(-(-(wait["until"] - now_ms) // 60_000), 0)
    return {"range": labels.wait_range(wait["lowMs"], wait["highMs"]), "left": labels.duration(int(minutes)), **wait}


# ------------------------------------------------------------------------------------------------ QR code and poster
def poster_of(line: Queue) -> Poster:
    """The poster that leads guests into the line."""
    return Poster(
        lead="Join the line for",
        title=line.event_name,
        code=line.code,
        qr_url=reverse("qr", args=[line.code]),
        way_in=reverse("join", args=[line.code]),
        steps=(
            ("Scan", "the code with your camera."),
            ("Join", "with your party size. No app, no account."),
            ("Go for a walk.", "Your phone shows your place and when it’s your turn."),
        ),
        back=reverse("console", args=[line.code]),
    )


qr_code = in_english(require_safe(of_line(qr_page(poster_of))))
poster = in_english(require_safe(of_line(poster_page(poster_of))))
