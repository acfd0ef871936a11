"""The views of the queue API, one class a path."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import override
from rest_framework.request import Request
from rest_framework.response import Response

from core import rate_limits
from core.actors import Actor
from core.errors import existing
from core.json_types import View
from core.languages import ENGLISH_12H, with_clock
from core.scopes import Scope
from queues import bodies, commands, host_bodies
from queues.action_bodies import ActionsBody, SentActions
from queues.api import answers
from queues.api.actions import Batch
from queues.api.table_answers import Tables
from queues.api.tables import tables_view
from queues.models import Queue
from queues.permissions import front_end, host_cookies, host_of, line_or_404, subject_of
from queues.refusals import NO_LINE
from queues.selectors import Identity, line_by_code
from venues.authentication import given_token, owner_of_new, set_proof
from venues.host_endpoints import HostEndpoints
from venues.renewal import renewed
from web import turnstile
from web.api import once, read
from web.bodies import Body
from web.endpoints import Answer, endpoint, parted
from web.openapi import KEY_HEADER, MAY_HAVE_KEY
from web.serializers import OK, Done


def with_host_cookies(request: Request, answer: View, line: Identity | Queue, token: str) -> Response:
    """The answer, with the host token in the line's cookies."""
    response = Response(answer)
    for name in host_cookies(line.code):
        set_proof(request._request, response, name, token, secure=True)
    return response


def created_view(request: HttpRequest, queue: Queue, token: str) -> View:
    """A line just opened, with the links to it and its opener's host token."""
    join = front_end(queue.code) or request.build_absolute_uri(f"/queue/{queue.code}")
    socket = request.build_absolute_uri(f"/api/queue/{queue.code}/connect").replace("http", "ws", 1)
    return {
        "code": queue.code,
        "sessionId": str(queue.pk),
        "joinUrl": join,
        "wsUrl": socket,
        "hostAuthToken": token,
        "eventName": queue.event_name,
        "maxGuests": queue.max_guests,
        "location": queue.location or None,
        "contactInfo": queue.contact_info or None,
        "openTime": queue.open_time.strftime("%H:%M") if queue.open_time else None,
        "closeTime": queue.close_time.strftime("%H:%M") if queue.close_time else None,
    }


def joined_view(joined: commands.Joined) -> View:
    """A party's place."""
    return {
        "partyId": str(joined.party.pk),
        "sessionId": str(joined.queue.pk),
        "position": joined.place.position,
        "queueLength": joined.place.queue_length,
        "estimatedWaitMs": joined.expected_wait_ms,
        "eventName": joined.queue.event_name,
        "ticket": joined.party.ticket,
    }


@endpoint(
    "post",
    "create_line",
    body=bodies.CreateBody,
    answers=answers.CreatedLine,
    refuses=(401, 404, 409),
    parameters=[KEY_HEADER, MAY_HAVE_KEY],
    scopes=[Scope.LINE],
)
def create(request: Request) -> Response:
    """Opens a line.

    Answers with the line, its host token and the host cookie.
    """
    rate_limits.check(request, rate_limits.CREATE, "create")
    body = read(bodies.CreateBody, request)
    key = once(request, body)
    venue, api_key, actor = owner_of_new(request, body.venue)
    turnstile.check(body.turnstileToken)
    new = commands.NewLine(
        event_name=body.eventName,
        max_guests=body.maxGuests,
        location=body.location or "",
        contact_info=body.contactInfo or body.contact or "",
        open_time=body.openTime,
        close_time=body.closeTime,
        timezone=body.timezone or "",
        call_window_s=body.callWindowSeconds,
        auto_advance=body.autoAdvance,
        auto_no_show=body.autoNoShow is not False,
        on_my_way_s=body.onMyWaySeconds or 0,
    )
    queue = commands.open_line(new, actor=actor, venue=venue, **key)
    token = given_token(request, subject_of(queue), actor=actor, key=api_key)
    return with_host_cookies(request, created_view(request, queue, token), queue, token)


# ---------------------------------------------------------------------------------------------------------------- guests
def guest_command(name: str, command: Callable[..., object], body: type[Body] = bodies.PartyBody) -> Any:
    """A view of what a guest does with their party; the id is the proof."""

    def view(request: Request, code: str) -> Answer:
        rate_limits.check(request, rate_limits.ACT, "act", str(line_or_404(code).pk))
        command(code, **read(body, request).values())
        return OK

    view.__doc__ = parted(command.__doc__ or "")[0]
    return endpoint("post", name, body=body, answers=Done, refuses=(404, 409))(view)


declare_nearby = guest_command("declare_nearby", commands.declare_nearby)
ask_more_time = guest_command("ask_more_time", commands.ask_more_time)
leave = guest_command("leave_line", commands.leave)
change_party = guest_command("change_party", commands.change_party, bodies.ChangePartyBody)
tell_ahead = guest_command("tell_ahead", commands.tell_ahead, bodies.TellAheadBody)


@endpoint(
    "post",
    "let_parties_pass",
    body=bodies.LetPassBody,
    answers=answers.PartiesPassed,
    refuses=(404, 409),
    parameters=[KEY_HEADER],
)
def let_pass(request: Request, code: str) -> Answer:
    """A guest lets the next parties go first and keeps its place among the rest; the id is the proof.

    Answers with how many went first; 409 when no party is behind.
    """
    rate_limits.check(request, rate_limits.ACT, "act", str(line_or_404(code).pk))
    body = read(bodies.LetPassBody, request)
    key = once(request, body)
    passed = commands.let_pass(code, party_id=body.partyId, parties=body.parties, **key)
    return {**OK, "passed": passed}


# ----------------------------------------------------------------------------------------------------------------- hosts
for_hosts = HostEndpoints(line_or_404, host_of, scope=Scope.LINE)


def host_command(name: str, command: Callable[..., object], body: type[Body] | None = None) -> Any:
    """A view of a command that takes the fields of `body` by their sources."""

    def act(request: Request, line: Identity, actor: Actor) -> Answer:
        command(line.pk, actor=actor, **read(body or Body, request).values())
        return OK

    act.__doc__ = parted(command.__doc__ or "")[0]
    return for_hosts("post", name, body=body)(act)


pause = host_command("pause_line", commands.pause, host_bodies.PauseBody)
resume = host_command("resume_line", commands.resume)
close = host_command("close_line", commands.close)
settings = host_command("edit_line", commands.edit_line, bodies.SettingsBody)
kick = host_command("remove_party", commands.kick, bodies.PartyBody)
serve = host_command("seat_party", commands.serve, bodies.SeatBody)
free_table = host_command("free_table", commands.free_table, bodies.PartyBody)
change_table = host_command("change_table", commands.change_table, bodies.TablesBody)
no_show = host_command("mark_no_show", commands.no_show, bodies.PartyBody)
put_back = host_command("put_party_back", commands.put_back, bodies.PartyBody)
give_more_time = host_command("give_more_time", commands.give_more_time, bodies.MoreTimeBody)
reorder = host_command("move_party", commands.reorder, bodies.ReorderBody)
move_behind = host_command("move_party_behind", commands.move_behind, host_bodies.MoveBehindBody)
wait = host_command("set_wait", commands.set_wait, host_bodies.WaitBody)
clear_wait = host_command("clear_wait", commands.clear_wait)
edit = host_command("edit_party", commands.edit_party, bodies.EditBody)


@for_hosts("post", "send_message", body=bodies.MessageBody)
def message(request: Request, line: Identity, actor: Actor) -> Answer:
    """Shows a message to all guests in line, or clears it."""
    text = read(bodies.MessageBody, request).text
    if text:
        commands.send_message(line.pk, text=text, actor=actor)
    else:
        commands.clear_message(line.pk, actor=actor)
    return OK


@for_hosts("post", "message_party", body=host_bodies.MessagePartyBody, parameters=[KEY_HEADER])
def message_party(request: Request, line: Identity, actor: Actor) -> Answer:
    """Shows a message to one guest in line and pushes it to their phone, or clears it."""
    body = read(host_bodies.MessagePartyBody, request)
    if body.text:
        key = once(request, body)
        commands.message_party(line.pk, party_id=body.party_id, text=body.text, actor=actor, **key)
    else:
        commands.clear_party_message(line.pk, party_id=body.party_id, actor=actor)
    return OK


@for_hosts("post", "advance_line", body=bodies.AdvanceBody, answers=answers.NowServing)
def advance(request: Request, line: Identity, actor: Actor) -> Answer:
    """Seats the party now being served, if it is named, and calls the next."""
    serving = commands.advance(line.pk, actor=actor, **read(bodies.AdvanceBody, request).values())
    return {"nowServing": answers.Party(serving).data if serving else None}


@for_hosts("post", "call_party", body=bodies.CallBody, answers=answers.NowServing)
def call(request: Request, line: Identity, actor: Actor) -> Answer:
    """Calls the named party, or the head of the line, beside those already called."""
    serving = commands.call(line.pk, actor=actor, **read(bodies.CallBody, request).values())
    return {"nowServing": answers.Party(serving).data}


@for_hosts("post", "add_walk_in", body=host_bodies.HostWalkInBody, answers=answers.JoinedParty, parameters=[KEY_HEADER])
def walk_in(request: Request, line: Identity, actor: Actor) -> Answer:
    """Puts a party without a phone in line; into a full one only with `overCapacity`."""
    body = read(host_bodies.HostWalkInBody, request)
    key = once(request, body)
    return joined_view(commands.add_walk_in(line.pk, actor=actor, **body.values(), **key))


@for_hosts("get", "list_tables", answers=Tables)
def tables(request: Request, line: Identity, actor: Actor) -> Answer:
    """The tables that this line seats at: who sits there, and for free ones which parties of this line suit them, the best first.

    Empty where the venue has none.
    """
    return tables_view(line.pk)


@for_hosts("post", "undo_action", body=bodies.UndoBody, answers=answers.ActionUndone)
def undo(request: Request, line: Identity, actor: Actor) -> Answer:
    """Takes the last host action back."""
    return {**OK, "action": commands.undo(line.pk, actor=actor, **read(bodies.UndoBody, request).values()).action}


@for_hosts("post", "send_actions", body=ActionsBody, answers=answers.ActionOutcomes)
def actions(request: Request, line: Identity, actor: Actor) -> Answer:
    """Does what a host's device has kept while it had no network, in order; answers with an outcome for each.

    Each action is its own command and happens once, however often its id is sent.
    """
    rate_limits.check(request, rate_limits.ACT, "actions", str(line.pk))
    kept = read(SentActions, request).actions
    queue = existing(line_by_code(line.code), NO_LINE)
    with override(with_clock(ENGLISH_12H, request.headers.get("Accept-Language", ""))):
        return {"outcomes": Batch(queue, actor).perform(kept)}


@for_hosts("post", "renew_line_token", answers=answers.RenewedLineToken)
def renew_token(request: Request, line: Identity, actor: Actor) -> Answer:
    """Gives a new host token; all that were given before have ended."""
    _, token = renewed(request, subject_of(line), commands.renew_token, actor=actor)
    return with_host_cookies(request, {"hostAuthToken": token}, line, token)
