"""The views of the queue API, one class a path."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from core import rate_limits
from core.actors import Actor
from core.clock import milliseconds
from core.json_types import View
from queues import commands
from queues.api import answers
from queues.api import serializers as bodies
from queues.api.access import front_end, host_cookies, host_of, line_or_404, subject_of
from queues.models import Party, Queue
from venues.access import PROOF_AGE_S, given_token, owner_of_new
from web import turnstile
from web.api import once, read
from web.openapi import HOST, KEY_HEADER, MAY_HAVE_KEY, operation
from web.serializers import Done


def set_host_cookie(response: Any, names: Iterable[str], token: str) -> None:
    """Keeps a host token of a line in cookies of these names, as the contract's host cookie is kept."""
    for name in names:
        response.set_cookie(
            name,
            token,
            max_age=PROOF_AGE_S,
            path="/",
            secure=True,
            httponly=True,
            samesite="Strict",
        )


def old_party(party: Party) -> View:
    """A party as the old API knows it."""
    return {
        "id": str(party.pk),
        "name": party.name,
        "size": party.size,
        "status": party.status,
        "nearby": party.nearby,
        "joinedAt": milliseconds(party.joined_at),
    }


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


class Create(APIView):
    """Opens a line."""

    @operation(
        "create_line",
        body=bodies.CreateBody,
        answers={200: answers.CreatedLine},
        refuses=(401, 404, 409),
        parameters=[KEY_HEADER, MAY_HAVE_KEY],
    )
    def post(self, request: Request) -> Response:
        """200 with the line, its host token and the host cookie."""
        rate_limits.check(request, rate_limits.CREATE, "create")
        body = read(bodies.CreateBody, request)
        key = once(request, body)
        venue, api_key, actor = owner_of_new(request, body.get("venue"))
        turnstile.check(body.get("turnstileToken"))
        new = commands.NewLine(
            event_name=body["eventName"],
            max_guests=body["maxGuests"],
            location=body.get("location") or "",
            contact_info=body.get("contactInfo") or body.get("contact") or "",
            open_time=body.get("openTime"),
            close_time=body.get("closeTime"),
            timezone=body.get("timezone") or "",
            call_window_s=body["callWindowSeconds"],
            auto_advance=body["autoAdvance"],
        )
        queue = commands.open_line(new, actor=actor, venue=venue, **key)
        token = given_token(request, subject_of(queue), actor=actor, key=api_key)
        response = Response(created_view(request, queue, token))
        set_host_cookie(response, host_cookies(queue.code), token)
        return response


class GuestAction(APIView):
    """What a guest does with `{partyId}`; the id is the proof."""

    command: Any = None
    called = ""

    @operation(body=bodies.PartyBody, answers={200: Done}, refuses=(404, 409))
    def post(self, request: Request, code: str) -> Response:
        """200 `{"ok": true}`."""
        rate_limits.check(request, rate_limits.ACT, "act", str(line_or_404(code).pk))
        self.command(code, party_id=read(bodies.PartyBody, request)["partyId"])
        return Response({"ok": True})


class LetPass(APIView):
    """A guest lets the next parties go first and keeps its place among the rest; the id is the proof."""

    @operation(
        "let_parties_pass",
        body=bodies.LetPassBody,
        answers={200: answers.PartiesPassed},
        refuses=(404, 409),
        parameters=[KEY_HEADER],
    )
    def post(self, request: Request, code: str) -> Response:
        """200 with how many went first; 409 when nobody is behind."""
        rate_limits.check(request, rate_limits.ACT, "act", str(line_or_404(code).pk))
        body = read(bodies.LetPassBody, request)
        key = once(request, body)
        passed = commands.let_pass(code, party_id=body["partyId"], parties=body["parties"], **key)
        return Response({"ok": True, "passed": passed})


class HostAction(APIView):
    """What a host does: the proof first, then the body, then one command."""

    body: type[BaseSerializer[Any]] = bodies.PartyBody

    def post(self, request: Request, code: str) -> Response:
        """200, or the refusal's status."""
        actor = host_of(request, line_or_404(code))
        return Response(self.act(request, code, read(self.body, request), actor))

    def act(self, request: Request, code: str, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        """Calls the command and shapes its answer."""
        raise NotImplementedError


def host_action(
    name: str,
    called: str,
    command: Any,
    body: type[BaseSerializer[Any]] | None = None,
    arguments: dict[str, str] | None = None,
) -> type[HostAction]:
    """A view for a command whose answer is `{"ok": true}`. `called`: the operation's name. `arguments` maps fields of the body
    to the command's own.
    """
    taken = arguments or {}

    class View(HostAction):
        def post(self, request: Request, code: str) -> Response:
            """200 `{"ok": true}`."""
            return super().post(request, code)

        def act(self, request: Request, code: str, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
            command(code, actor=actor, **{taken[field]: body[field] for field in taken if field in body})
            return {"ok": True}

    View.__name__ = View.__qualname__ = name
    View.__doc__ = (command.__doc__ or "").strip()
    View.body = body or bodies.Nothing
    described = operation(called, body=body, answers={200: Done}, proof=HOST, refuses=(404, 409))
    View.post = described(View.post)  # type: ignore[method-assign]
    return View


_PARTY = {"partyId": "party_id"}

Kick = host_action("Kick", "remove_party", commands.kick, bodies.PartyBody, _PARTY)
Serve = host_action("Serve", "seat_party", commands.serve, bodies.PartyBody, _PARTY)
NoShow = host_action("NoShow", "mark_no_show", commands.no_show, bodies.PartyBody, _PARTY)
PutBack = host_action("PutBack", "put_party_back", commands.put_back, bodies.PartyBody, _PARTY)
GiveMoreTime = host_action(
    "GiveMoreTime", "give_more_time", commands.give_more_time, bodies.MoreTimeBody, {**_PARTY, "minutes": "minutes"}
)
Reorder = host_action("Reorder", "move_party", commands.reorder, bodies.ReorderBody, {**_PARTY, "position": "position"})
Edit = host_action(
    "Edit",
    "edit_party",
    commands.edit_party,
    bodies.EditBody,
    {**_PARTY, "name": "name", "size": "size", "note": "note", "quote": "quote_ms"},
)
Settings = host_action(
    "Settings",
    "edit_line",
    commands.edit_line,
    bodies.SettingsBody,
    {
        "openTime": "open_time",
        "closeTime": "close_time",
        "callWindowSeconds": "call_window_s",
        "maxGuests": "max_guests",
        "autoAdvance": "auto_advance",
    },
)
Pause = host_action("Pause", "pause_line", commands.pause)
Resume = host_action("Resume", "resume_line", commands.resume)
Close = host_action("Close", "close_line", commands.close)


class Message(HostAction):
    """Says something to everybody in line, or takes it back."""

    body = bodies.MessageBody

    @operation("send_message", body=bodies.MessageBody, answers={200: Done}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, code: str) -> Response:
        """200 `{"ok": true}`."""
        return super().post(request, code)

    def act(self, request: Request, code: str, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        if body["text"].strip():
            commands.send_message(code, text=body["text"], actor=actor)
        else:
            commands.clear_message(code, actor=actor)
        return {"ok": True}


class Advance(HostAction):
    """Seats the party now being served, if it is named, and calls the next."""

    body = bodies.AdvanceBody

    @operation(
        "advance_line", body=bodies.AdvanceBody, answers={200: answers.NowServing}, proof=HOST, refuses=(404, 409)
    )
    def post(self, request: Request, code: str) -> Response:
        """200 with who is now being served."""
        return super().post(request, code)

    def act(self, request: Request, code: str, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        serving = commands.advance(code, served_party=body["servedParty"], next_party=body["nextParty"], actor=actor)
        return {"nowServing": old_party(serving) if serving else None}


class Call(HostAction):
    """Calls the named party, or the head of the line, beside those already called."""

    body = bodies.CallBody

    @operation("call_party", body=bodies.CallBody, answers={200: answers.NowServing}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, code: str) -> Response:
        """200 with the party just called."""
        return super().post(request, code)

    def act(self, request: Request, code: str, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"nowServing": old_party(commands.call(code, party_id=body["partyId"], actor=actor))}


class WalkIn(HostAction):
    """Puts a party without a phone in line."""

    body = bodies.WalkInBody

    @operation(
        "add_walk_in",
        body=bodies.WalkInBody,
        answers={200: answers.JoinedParty},
        proof=HOST,
        refuses=(404, 409),
        parameters=[KEY_HEADER],
    )
    def post(self, request: Request, code: str) -> Response:
        """200 with the place."""
        return super().post(request, code)

    def act(self, request: Request, code: str, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        key = once(request, body)
        joined = commands.add_walk_in(code, name=body["name"], size=body["size"], note=body["note"], actor=actor, **key)
        return joined_view(joined)


class Undo(HostAction):
    """Takes the last host action back."""

    body = bodies.UndoBody

    @operation("undo_action", body=bodies.UndoBody, answers={200: answers.ActionUndone}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, code: str) -> Response:
        """200 with the name of what was undone."""
        return super().post(request, code)

    def act(self, request: Request, code: str, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"ok": True, "action": commands.undo(code, expected_version=body["version"], actor=actor).action}
