"""What can be done to a line, as tables: what changes it, what does not, what is refused, what can be undone."""

from collections.abc import Callable
from datetime import time, timedelta
from functools import cache
from inspect import isfunction
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from core import clock
from core.actors import HOST
from core.errors import Conflict, Invalid, NotFound, Refused
from queues import commands
from queues.models import Queue
from tests.queues.database_lines import Floor

Act = Callable[[Floor], Any]
COMMANDS = {name for name, each in vars(commands).items() if isfunction(each)}

QUESTION = {"code": "ABCDEF", "title": "Which dessert?", "from": None, "until": None}

# Called: Ann (first), Bob (last); waiting: Cem, Dia, Eva, Fay; gone: Gus.
CHANGES: dict[str, Act] = {
    "join": lambda f: commands.join(f.pk, name="New", size=2),
    "join by code": lambda f: commands.join(f.queue.code.lower(), name="New"),
    "walk-in": lambda f: commands.add_walk_in(f.pk, name="Cem", note="window"),
    "nearby": lambda f: commands.declare_nearby(f.pk, party_id=f.id("Cem")),
    "nearby, called": lambda f: commands.declare_nearby(f.pk, party_id=f.id("Ann")),
    "take the ticket": lambda f: commands.take_ticket(f.pk, party_id=f.id("Eva")),
    "leave": lambda f: commands.leave(f.pk, party_id=f.id("Cem")),
    "leave, called": lambda f: commands.leave(f.pk, party_id=str(f.id("Ann"))),
    "call": lambda f: commands.call(f.pk),
    "call one": lambda f: commands.call(f.pk, party_id=f.id("Eva")),
    "call again": lambda f: commands.call(f.pk, party_id=f.id("Ann")),
    "serve": lambda f: commands.serve(f.pk, party_id=f.id("Ann")),
    "serve, waiting": lambda f: commands.serve(f.pk, party_id=f.id("Dia")),
    "advance": lambda f: commands.advance(f.pk),
    "advance both": lambda f: commands.advance(f.pk, served_party=str(f.id("Bob")), next_party=str(f.id("Dia"))),
    "kick": lambda f: commands.kick(f.pk, party_id=f.id("Cem")),
    "no-show": lambda f: commands.no_show(f.pk, party_id=f.id("Bob")),
    "put back, called": lambda f: commands.put_back(f.pk, party_id=f.id("Bob")),
    "put back, gone": lambda f: commands.put_back(f.pk, party_id=f.id("Gus")),
    "reorder": lambda f: commands.reorder(f.pk, party_id=f.id("Fay"), position=1),
    "let pass": lambda f: commands.let_pass(f.pk, party_id=f.id("Cem")),
    "let two pass": lambda f: commands.let_pass(f.pk, party_id=f.id("Cem"), parties=2),
    "let all pass": lambda f: commands.let_pass(f.pk, party_id=f.id("Dia"), parties=50),
    "ask for more time": lambda f: commands.ask_more_time(f.pk, party_id=f.id("Ann")),
    "change party": lambda f: commands.change_party(f.pk, party_id=f.id("Cem"), size=3, note="pram"),
    "tell ahead": lambda f: commands.tell_ahead(f.pk, party_id=f.id("Fay"), parties=2),
    "tell ahead, so near already": lambda f: commands.tell_ahead(f.pk, party_id=f.id("Fay"), parties=9),
    "give more time": lambda f: commands.give_more_time(f.pk, party_id=f.id("Ann")),
    "give minutes": lambda f: commands.give_more_time(f.pk, party_id=f.id("Bob"), minutes=3),
    "edit": lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), name="Cem B.", size=4, note="baby chair"),
    "quote": lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), quote_ms=(60_000, 120_000)),
    "reorder, behind": lambda f: commands.reorder(f.pk, party_id=f.id("Fay"), position=2, behind=str(f.id("Cem"))),
    "reorder, behind one": lambda f: commands.move_behind(f.pk, party_id=f.id("Fay"), other_id=f.id("Cem")),
    "message": lambda f: commands.send_message(f.pk, text=" The kitchen closes at ten "),
    "message to one": lambda f: commands.message_party(f.pk, party_id=f.id("Ann"), text="Are you still coming?"),
    "wait": lambda f: commands.set_wait(f.pk, low_ms=1_800_000, high_ms=2_700_000),
    "questions": lambda f: commands.show_questions(f.pk, read=lambda: [QUESTION]),
    "edit line": lambda f: commands.edit_line(f.pk, call_window_s=60, max_guests=50, auto_advance=False),
    "hours": lambda f: commands.edit_line(f.pk, close_time=in_an_hour(f)),
    "renew token": lambda f: commands.renew_token(f.pk),
    "pause": lambda f: commands.pause(f.pk),
    "pause, with a reason": lambda f: commands.pause(f.pk, reason="Back at nine"),
    "close": lambda f: commands.close(f.pk),
    "undo": lambda f: commands.undo(f.pk),
}

NOTHING: dict[str, Act] = {
    "nearby twice": lambda f: commands.declare_nearby(f.pk, party_id=f.id("Fay")),
    "resume, not paused": lambda f: commands.resume(f.pk),
    "change party to the same": lambda f: commands.change_party(f.pk, party_id=f.id("Cem"), size=1, note=" "),
    "tell ahead, not before and not now": lambda f: commands.tell_ahead(f.pk, party_id=f.id("Cem"), parties=0),
    "edit to the same": lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), name=" Cem ", size=1, note=""),
    "edit nothing": lambda f: commands.edit_party(f.pk, party_id=f.id("Cem")),
    "edit line to the same": lambda f: commands.edit_line(f.pk, max_guests=100, close_time=None),
    "clear message, none there": lambda f: commands.clear_message(f.pk),
    "clear message to one, none there": lambda f: commands.clear_party_message(f.pk, party_id=f.id("Cem")),
    "clear wait, none set": lambda f: commands.clear_wait(f.pk),
    "end wait, none set": lambda f: commands.end_wait(f.pk),
    "take the ticket, on a phone already": lambda f: commands.take_ticket(f.pk, party_id=f.id("Cem")),
    "join with a known key": lambda f: commands.join(f.pk, name="Other", key="fay"),
    "expire, not due": lambda f: commands.expire_call(f.pk, party_id=f.id("Ann")),
    "close if over, not due": lambda f: commands.close_if_over(f.pk),
}

REFUSALS: dict[str, tuple[type[Refused], Act]] = {
    "join, taken": (Conflict, lambda f: commands.join(f.pk, name=" Ann ", unique_name=True)),
    "join, full": (Conflict, lambda f: commands.join(f.pk, size=95)),
    "join, size 0": (Invalid, lambda f: commands.join(f.pk, size=0)),
    "join, no line": (NotFound, lambda f: commands.join(uuid4())),
    "join, no code": (NotFound, lambda f: commands.join("ZZZZZZ")),
    "walk-in, full": (Conflict, lambda f: commands.add_walk_in(f.pk, size=1000)),
    "nearby, gone": (NotFound, lambda f: commands.declare_nearby(f.pk, party_id=f.id("Gus"))),
    "leave, gone": (NotFound, lambda f: commands.leave(f.pk, party_id=f.id("Gus"))),
    "leave, stranger": (NotFound, lambda f: commands.leave(f.pk, party_id=uuid4())),
    "leave, nonsense": (NotFound, lambda f: commands.leave(f.pk, party_id="x")),
    "call, gone": (NotFound, lambda f: commands.call(f.pk, party_id=f.id("Gus"))),
    "serve, gone": (NotFound, lambda f: commands.serve(f.pk, party_id=f.id("Gus"))),
    "advance, first called": (Invalid, lambda f: commands.advance(f.pk, served_party=str(f.id("Ann")))),
    "advance, waiting": (Invalid, lambda f: commands.advance(f.pk, served_party=str(f.id("Cem")))),
    "advance, next gone": (
        NotFound,
        lambda f: commands.advance(f.pk, served_party=str(f.id("Bob")), next_party=str(f.id("Gus"))),
    ),
    "kick, gone": (NotFound, lambda f: commands.kick(f.pk, party_id=f.id("Gus"))),
    "no-show, waiting": (NotFound, lambda f: commands.no_show(f.pk, party_id=f.id("Cem"))),
    "put back, waiting": (NotFound, lambda f: commands.put_back(f.pk, party_id=f.id("Cem"))),
    "let pass, called": (NotFound, lambda f: commands.let_pass(f.pk, party_id=f.id("Ann"))),
    "let pass, gone": (NotFound, lambda f: commands.let_pass(f.pk, party_id=f.id("Gus"))),
    "let pass, last": (Conflict, lambda f: commands.let_pass(f.pk, party_id=f.id("Fay"))),
    "let 0 pass": (Invalid, lambda f: commands.let_pass(f.pk, party_id=f.id("Cem"), parties=0)),
    "change party, called": (Conflict, lambda f: commands.change_party(f.pk, party_id=f.id("Ann"), size=3)),
    "change party, gone": (NotFound, lambda f: commands.change_party(f.pk, party_id=f.id("Gus"), size=3)),
    "change party, size 0": (Invalid, lambda f: commands.change_party(f.pk, party_id=f.id("Cem"), size=0)),
    "change party, too large": (Invalid, lambda f: commands.change_party(f.pk, party_id=f.id("Cem"), size=25)),
    "change party, not as seen": (
        Conflict,
        lambda f: commands.change_party(f.pk, party_id=f.id("Cem"), size=3, saw="another"),
    ),
    "tell ahead, called": (Conflict, lambda f: commands.tell_ahead(f.pk, party_id=f.id("Ann"), parties=2)),
    "tell ahead, gone": (NotFound, lambda f: commands.tell_ahead(f.pk, party_id=f.id("Gus"), parties=2)),
    "tell ahead, too far": (Invalid, lambda f: commands.tell_ahead(f.pk, party_id=f.id("Cem"), parties=10)),
    "ask for more time, waiting": (NotFound, lambda f: commands.ask_more_time(f.pk, party_id=f.id("Cem"))),
    "give more time, waiting": (NotFound, lambda f: commands.give_more_time(f.pk, party_id=f.id("Cem"))),
    "give 0 minutes": (Invalid, lambda f: commands.give_more_time(f.pk, party_id=f.id("Ann"), minutes=0)),
    "give 3 hours": (Invalid, lambda f: commands.give_more_time(f.pk, party_id=f.id("Ann"), minutes=180)),
    "reorder, called": (NotFound, lambda f: commands.reorder(f.pk, party_id=f.id("Ann"), position=1)),
    "reorder to 0": (Invalid, lambda f: commands.reorder(f.pk, party_id=f.id("Cem"), position=0)),
    "reorder, behind another": (
        Conflict,
        lambda f: commands.reorder(f.pk, party_id=f.id("Fay"), position=2, behind=str(f.id("Dia"))),
    ),
    "reorder to the head, behind a party": (
        Conflict,
        lambda f: commands.reorder(f.pk, party_id=f.id("Fay"), position=1, behind=str(f.id("Cem"))),
    ),
    "behind one who has left": (
        Conflict,
        lambda f: commands.move_behind(f.pk, party_id=f.id("Fay"), other_id=f.id("Gus")),
    ),
    "behind itself": (Invalid, lambda f: commands.move_behind(f.pk, party_id=f.id("Fay"), other_id=f.id("Fay"))),
    "behind a stranger": (NotFound, lambda f: commands.move_behind(f.pk, party_id=f.id("Fay"), other_id=uuid4())),
    "behind one, called": (
        NotFound,
        lambda f: commands.move_behind(f.pk, party_id=f.id("Ann"), other_id=f.id("Cem")),
    ),
    "message to one, empty": (Invalid, lambda f: commands.message_party(f.pk, party_id=f.id("Cem"), text=" ")),
    "message to one, too long": (
        Invalid,
        lambda f: commands.message_party(f.pk, party_id=f.id("Cem"), text="x" * 10_000),
    ),
    "message to one, gone": (NotFound, lambda f: commands.message_party(f.pk, party_id=f.id("Gus"), text="Hello")),
    "clear message to one, gone": (NotFound, lambda f: commands.clear_party_message(f.pk, party_id=f.id("Gus"))),
    "take the ticket, gone": (NotFound, lambda f: commands.take_ticket(f.pk, party_id=f.id("Gus"))),
    "pause, reason too long": (Invalid, lambda f: commands.pause(f.pk, reason="x" * 201)),
    "wait, wrong way round": (Invalid, lambda f: commands.set_wait(f.pk, low_ms=2, high_ms=1)),
    "wait, a day": (Invalid, lambda f: commands.set_wait(f.pk, low_ms=0, high_ms=86_400_000)),
    "wait, for a minute": (Invalid, lambda f: commands.set_wait(f.pk, low_ms=1, high_ms=2, minutes=1)),
    "message, empty": (Invalid, lambda f: commands.send_message(f.pk, text="  ")),
    "message, too long": (Invalid, lambda f: commands.send_message(f.pk, text="x" * 201)),
    "edit line, too many guests": (Invalid, lambda f: commands.edit_line(f.pk, max_guests=101)),
    "edit line, two days for On my way": (Invalid, lambda f: commands.edit_line(f.pk, on_my_way_s=200_000)),
    "edit line, no window": (Invalid, lambda f: commands.edit_line(f.pk, call_window_s=9)),
    "edit line, closes before it opens": (
        Invalid,
        lambda f: commands.edit_line(f.pk, open_time=time(18), close_time=time(17)),
    ),
    "quote, wrong way round": (
        Invalid,
        lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), quote_ms=(120_000, 60_000)),
    ),
    "edit, size 0": (Invalid, lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), size=0)),
    "edit, gone": (NotFound, lambda f: commands.edit_party(f.pk, party_id=f.id("Gus"), note="x")),
    "undo, not the one meant": (Conflict, lambda f: commands.undo(f.pk, expected_version=1)),
    "expire, waiting": (NotFound, lambda f: commands.expire_call(f.pk, party_id=f.id("Cem"))),
}

CLOSED: dict[str, tuple[type[Refused], Act]] = {
    "join": (Conflict, lambda f: commands.join(f.pk, name="New")),
    "walk-in": (Conflict, lambda f: commands.add_walk_in(f.pk, name="New")),
    "nearby": (NotFound, lambda f: commands.declare_nearby(f.pk, party_id=f.id("Cem"))),
    "leave": (NotFound, lambda f: commands.leave(f.pk, party_id=f.id("Cem"))),
    "call": (Conflict, lambda f: commands.call(f.pk)),
    "serve": (NotFound, lambda f: commands.serve(f.pk, party_id=f.id("Cem"))),
    "advance": (Conflict, lambda f: commands.advance(f.pk)),
    "kick": (NotFound, lambda f: commands.kick(f.pk, party_id=f.id("Cem"))),
    "no-show": (NotFound, lambda f: commands.no_show(f.pk, party_id=f.id("Ann"))),
    "put back": (Conflict, lambda f: commands.put_back(f.pk, party_id=f.id("Gus"))),
    "reorder": (NotFound, lambda f: commands.reorder(f.pk, party_id=f.id("Cem"), position=1)),
    "reorder, behind one": (
        NotFound,
        lambda f: commands.move_behind(f.pk, party_id=f.id("Fay"), other_id=f.id("Cem")),
    ),
    "message to one": (NotFound, lambda f: commands.message_party(f.pk, party_id=f.id("Cem"), text="Hello")),
    "take the ticket": (NotFound, lambda f: commands.take_ticket(f.pk, party_id=f.id("Eva"))),
    "wait": (Conflict, lambda f: commands.set_wait(f.pk, low_ms=1, high_ms=2)),
    "clear wait": (Conflict, lambda f: commands.clear_wait(f.pk)),
    "let pass": (NotFound, lambda f: commands.let_pass(f.pk, party_id=f.id("Cem"))),
    "ask for more time": (NotFound, lambda f: commands.ask_more_time(f.pk, party_id=f.id("Ann"))),
    "give more time": (NotFound, lambda f: commands.give_more_time(f.pk, party_id=f.id("Ann"))),
    "change party": (NotFound, lambda f: commands.change_party(f.pk, party_id=f.id("Cem"), size=3)),
    "tell ahead": (NotFound, lambda f: commands.tell_ahead(f.pk, party_id=f.id("Cem"), parties=2)),
    "edit": (NotFound, lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), note="x")),
    "message": (Conflict, lambda f: commands.send_message(f.pk, text="Hello")),
    "clear message": (Conflict, lambda f: commands.clear_message(f.pk)),
    "edit line": (Conflict, lambda f: commands.edit_line(f.pk, max_guests=50)),
    "pause": (Conflict, lambda f: commands.pause(f.pk)),
    "resume": (Conflict, lambda f: commands.resume(f.pk)),
}

# What a host can take back.
ACTIONS: dict[str, Act] = {
    "call": lambda f: commands.call(f.pk),
    "call one": lambda f: commands.call(f.pk, party_id=f.id("Eva")),
    "call again": lambda f: commands.call(f.pk, party_id=f.id("Ann")),
    "serve": lambda f: commands.serve(f.pk, party_id=f.id("Ann")),
    "serve, waiting": lambda f: commands.serve(f.pk, party_id=f.id("Dia")),
    "advance": lambda f: commands.advance(f.pk),
    "advance, serve": lambda f: commands.advance(f.pk, served_party=str(f.id("Bob"))),
    "advance, serve one": lambda f: commands.advance(f.pk, served_party=str(f.id("Bob")), next_party=str(f.id("Fay"))),
    "kick": lambda f: commands.kick(f.pk, party_id=f.id("Dia")),
    "kick, called": lambda f: commands.kick(f.pk, party_id=f.id("Ann")),
    "no-show": lambda f: commands.no_show(f.pk, party_id=f.id("Bob")),
    "put back, called": lambda f: commands.put_back(f.pk, party_id=f.id("Ann")),
    "put back, gone": lambda f: commands.put_back(f.pk, party_id=f.id("Gus")),
    "reorder": lambda f: commands.reorder(f.pk, party_id=f.id("Fay"), position=1),
    "reorder, behind one": lambda f: commands.move_behind(f.pk, party_id=f.id("Cem"), other_id=f.id("Eva")),
    "message to one": lambda f: commands.message_party(f.pk, party_id=f.id("Cem"), text="Soon"),
    "wait": lambda f: commands.set_wait(f.pk, low_ms=1_800_000, high_ms=2_700_000),
    "pause, with a reason": lambda f: commands.pause(f.pk, reason="Back at nine"),
    "calls": lambda f: commands.edit_line(f.pk, auto_no_show=False, on_my_way_s=60),
    "let pass, by a host": lambda f: commands.let_pass(f.pk, party_id=f.id("Cem"), parties=2, actor=HOST),
    "edit": lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), name="Cem B.", size=4, note="baby chair"),
    "quote": lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), quote_ms=(60_000, 120_000)),
    "edit and quote": lambda f: commands.edit_party(f.pk, party_id=f.id("Cem"), note="x", quote_ms=(60_000, 120_000)),
    "message": lambda f: commands.send_message(f.pk, text="The kitchen closes at ten"),
    "edit line": lambda f: commands.edit_line(f.pk, call_window_s=60, max_guests=50, auto_advance=False),
    "hours": lambda f: commands.edit_line(f.pk, close_time=in_an_hour(f)),
    "renew token": lambda f: commands.renew_token(f.pk),
    "pause": lambda f: commands.pause(f.pk),
    "close": lambda f: commands.close(f.pk),
}


def in_an_hour(floor: Floor) -> time:
    """A time of day on the line's own clock that comes within its life: the same each time, also when a minute ends."""
    return _in_an_hour(floor.queue.timezone)


@cache
def _in_an_hour(timezone: str) -> time:
    moment = clock.now().astimezone(ZoneInfo(timezone)) + timedelta(hours=1)
    return time(moment.hour, moment.minute)


def close_by_itself(floor: Floor) -> None:
    Queue.objects.filter(pk=floor.pk).update(closes_at=clock.now())
    assert commands.close_if_over(floor.pk)


# What a host did, and what has happened since that bars its undoing.
CONFLICTS: dict[str, tuple[Act, Act]] = {
    "called, and left": (
        lambda f: commands.call(f.pk),
        lambda f: commands.leave(f.pk, party_id=f.id("Cem")),
    ),
    "advanced, and the next left": (
        lambda f: commands.advance(f.pk, served_party=str(f.id("Bob"))),
        lambda f: commands.leave(f.pk, party_id=f.id("Cem")),
    ),
    "put back, and left": (
        lambda f: commands.put_back(f.pk, party_id=f.id("Ann")),
        lambda f: commands.leave(f.pk, party_id=f.id("Ann")),
    ),
    "kicked, and the line closed by itself": (
        lambda f: commands.kick(f.pk, party_id=f.id("Dia")),
        lambda f: close_by_itself(f),
    ),
    "paused, and the line closed by itself": (
        lambda f: commands.pause(f.pk),
        lambda f: close_by_itself(f),
    ),
}
