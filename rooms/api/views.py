"""The HTTP API of rooms (contract vote-websocket.md). The history is answered by the edge (rooms/edge/views.py)."""

from rest_framework.request import Request

from core import rate_limits
from core.actors import Actor
from core.errors import Conflict
from core.scopes import Scope
from rooms import commands
from rooms.api import answers, bodies
from rooms.models import Room
from rooms.refusals import ROOM_CLOSED
from rooms.selectors import room_or_404
from rooms.tokens import participant_token
from venues import authentication
from venues.host_endpoints import HostEndpoints
from venues.proofs import Subject
from web.api import once, read
from web.endpoints import Answer, endpoint
from web.openapi import KEY_HEADER, MAY_HAVE_KEY
from web.serializers import OK

for_hosts = HostEndpoints(room_or_404, authentication.hosts_of("room"), scope=Scope.POLLS)


@endpoint(
    "post",
    "create_room",
    body=bodies.RoomBody,
    answers={201: answers.CreatedRoom},
    refuses=(401, 409),
    parameters=[KEY_HEADER, MAY_HAVE_KEY],
    scopes=[Scope.POLLS],
)
def create(request: Request) -> Answer:
    """Opens a room."""
    rate_limits.check(request, rate_limits.CREATE, "room")
    body = read(bodies.RoomBody, request)
    key = once(request, body)
    venue, api_key, actor = authentication.owner_of_new(request, body.venue)
    new = commands.NewRoom(title=body.title, closes_at=body.closesAt)
    room = commands.create(new, actor=actor, venue=venue, **key)
    join_url = request.build_absolute_uri(f"/rooms/{room.code}")
    token = authentication.given_token(request, Subject.of(room), actor=actor, key=api_key)
    return {**answers.RoomState(room).data, "hostToken": token, "joinUrl": join_url}


@endpoint("get", "get_room", answers=answers.RoomState, refuses=(404,))
def get(request: Request, room: str) -> Answer:
    """The room's title and state."""
    return answers.RoomState(room_or_404(room)).data


@for_hosts("delete", "delete_room", refuses=(404,))
def delete(request: Request, room: Room, actor: Actor) -> Answer:
    """Deletes a room with its participants and history."""
    commands.delete(room.pk, actor=actor)
    return OK


@endpoint(
    "post",
    "add_participant",
    body=bodies.ParticipantBody,
    answers={201: answers.NewParticipant},
    refuses=(404, 409),
    parameters=[KEY_HEADER],
)
def add_participant(request: Request, room: str) -> Answer:
    """Lets a person vote in the room.

    Answers with a new participant, or with the account of the person who is signed in, whose token is good in any room.
    """
    found = room_or_404(room)
    rate_limits.check(request, rate_limits.FOLLOW, "room", found.code)
    body = read(bodies.ParticipantBody, request)
    if (user := authentication.signed_in(request)) is not None:
        if found.status != Room.Status.OPEN:
            raise Conflict(ROOM_CLOSED)
        return {"user_id": str(user.pk), "token": authentication.account_token(user)}
    participant = commands.add_participant(found.pk, name=body.name or "", **once(request, body))
    return {"user_id": str(participant.pk), "token": participant_token(found.pk, participant.pk)}


@for_hosts("post", "close_room", answers=answers.RoomState, refuses=(404,))
def close(request: Request, room: Room, actor: Actor) -> Answer:
    """Closes a room. Closing it again is fine."""
    return answers.RoomState(commands.close(room.pk, actor=actor)).data


renew_token = for_hosts.renewing("renew_room_token", "room", commands.renew_token)
