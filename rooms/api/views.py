"""The HTTP API of rooms (contract vote-websocket.md). The history is answered by the edge (rooms/edge/views.py)."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import rate_limits
from core.clock import milliseconds
from core.errors import Conflict
from core.json_types import View
from rooms import commands
from rooms.api import answers
from rooms.api import serializers as bodies
from rooms.models import Room
from rooms.permissions import host_cookie, host_of, room_or_404
from rooms.tokens import participant_token
from venues import access
from venues.proofs import Subject
from venues.renewal import renewed
from web.api import once, read
from web.openapi import HOST, KEY_HEADER, MAY_HAVE_KEY, operation
from web.serializers import Done, RenewedToken


def room_view(room: Room) -> View:
    """A room as everybody may know it."""
    return {
        "room": str(room.pk),
        "code": room.code,
        "title": room.title,
        "status": room.status,
        "openedAt": milliseconds(room.opened_at),
        "closesAt": milliseconds(room.closes_at),
        "closedAt": milliseconds(room.closed_at),
    }


class Create(APIView):
    """Opens a room."""

    @operation(
        "create_room",
        body=bodies.RoomBody,
        answers={201: answers.CreatedRoom},
        refuses=(401, 409),
        parameters=[KEY_HEADER, MAY_HAVE_KEY],
    )
    def post(self, request: Request) -> Response:
        """201 `{room, hostToken}` and more."""
        rate_limits.check(request, rate_limits.CREATE, "room")
        body = read(bodies.RoomBody, request)
        key = once(request, body)
        venue, api_key, actor = access.owner_of_new(request, body["venue"])
        new = commands.NewRoom(title=body["title"], closes_at=body["closesAt"])
        room = commands.create(new, actor=actor, venue=venue, **key)
        join_url = request.build_absolute_uri(f"/rooms/{room.code}")
        token = access.given_token(request, Subject.of(room), actor=actor, key=api_key)
        return Response({**room_view(room), "hostToken": token, "joinUrl": join_url}, status=201)


class One(APIView):
    """One room."""

    @operation("get_room", answers={200: answers.RoomState}, refuses=(404,))
    def get(self, request: Request, room: str) -> Response:
        """200 with its title and state."""
        return Response(room_view(room_or_404(room)))

    @operation("delete_room", answers={200: Done}, proof=HOST, refuses=(404,))
    def delete(self, request: Request, room: str) -> Response:
        """Deletes it with its participants and history; for its host."""
        found = room_or_404(room)
        commands.delete(found.pk, actor=host_of(request, found))
        return Response({"ok": True})


class Participants(APIView):
    """Who may vote."""

    @operation(
        "add_participant",
        body=bodies.ParticipantBody,
        answers={201: answers.NewParticipant},
        refuses=(404, 409),
        parameters=[KEY_HEADER],
    )
    def post(self, request: Request, room: str) -> Response:
        """201 `{user_id, token}`: a new participant, or the signed-in person themselves, whose token is good in any room."""
        found = room_or_404(room)
        rate_limits.check(request, rate_limits.FOLLOW, "room", found.code)
        body = read(bodies.ParticipantBody, request)
        if (user := access.signed_in(request)) is not None:
            if found.status != Room.Status.OPEN:
                raise Conflict("This room is closed.")
            return Response({"user_id": str(user.pk), "token": access.account_token(user)}, status=201)
        participant = commands.add_participant(found.pk, name=body["name"] or "", **once(request, body))
        token = participant_token(found.pk, participant.pk)
        return Response({"user_id": str(participant.pk), "token": token}, status=201)


class Close(APIView):
    """Ends the room."""

    @operation("close_room", answers={200: answers.RoomState}, proof=HOST, refuses=(404,))
    def post(self, request: Request, room: str) -> Response:
        """200, also when it is closed already; 401 / 403 for others than its host."""
        found = room_or_404(room)
        return Response(room_view(commands.close(found.pk, actor=host_of(request, found))))


class RenewToken(APIView):
    """A new host token."""

    @operation("renew_room_token", answers={200: RenewedToken}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, room: str) -> Response:
        """200 `{hostToken}`: the asker's new one; all that were given before have ended."""
        found = room_or_404(room)
        found, token = renewed(request, Subject.of(found), commands.renew_token, actor=host_of(request, found))
        response = Response({"hostToken": token})
        access.set_proof(request._request, response, host_cookie(found.code), token)
        return response
