"""The poll API of contract edge-poll.md: /poll, /poll/{id}, /poll/{id}/results.

Choice ids are "0", "1", ...; one vote per client address; a second vote is answered "ok" and not counted.
"""

from typing import Annotated, Any, ClassVar

from msgspec import Meta
from rest_framework.request import Request

from core import rate_limits
from core.actors import HOST
from core.api_paths import api_path as path
from core.errors import Forbidden, Invalid, NotFound, Unproven, existing
from core.json_types import View
from core.scopes import Scope
from polls import commands, rules, selectors, shapes
from polls.api import answers
from polls.api.bodies import Shards
from polls.models import Poll
from polls.outcomes import Outcome, Status
from polls.refusals import NO_SUCH_POLL
from polls.rules import Viewer
from venues.commands import use_api_key
from venues.models import ApiKey
from web.api import once, read
from web.bodies import Body
from web.body_types import Milliseconds, Text
from web.endpoints import Answer, endpoint
from web.openapi import KEY, KEY_HEADER, TEXT_OK


class AnyText(Text):
    """A text as long as the body may be."""


class AnyDescription(Text, blank=True):
    """The same; may be empty."""


class OldMilliseconds(Milliseconds, numeric_strings=True):
    """A moment; old clients also send a string of digits."""


class OldShards(Shards, numeric_strings=True):
    """A number of shards; old clients also send a string of digits."""


class OldPollBody(Body):
    """POST /poll."""

    example: ClassVar[dict[str, Any]] = {
        "title": "Tea?",
        "description": "",
        "start": 1_767_225_600_000,
        "end": 4_070_908_800_000,
        "shards": 1,
        "choices": ["Yes", "No"],
    }

    title: AnyText
    description: AnyDescription
    start: OldMilliseconds
    end: OldMilliseconds
    shards: OldShards
    choices: Annotated[list[AnyText], Meta(min_length=1, max_length=rules.MOST_CHOICES)]


def api_key(request: Request) -> ApiKey:
    """The valid key of the request. Raises Unproven (401)."""
    found = use_api_key(request.headers.get("api-key", ""))
    if found is None:
        raise Unproven("A valid api-key is needed.")
    return found


def configuration_view(row: shapes.Row, viewer: Viewer, now_ms: int) -> View:
    """The contract's object, with null for counts that this viewer may not see (B8)."""
    shown = shapes.results(row, viewer, now_ms=now_ms)
    return {
        "title": row["title"],
        "description": row["description"],
        "created": row["createdAt"],
        "start": row["start"],
        "end": row["end"],
        "shards": row["shards"],
        "choices": {
            str(choice["number"]): {"id": str(choice["number"]), "title": choice["text"], "count": choice["count"]}
            for choice in shown["choices"]
        },
    }


def results_view(row: shapes.Row, viewer: Viewer, now_ms: int) -> View:
    """The configuration with `shardStates`: {"<shard>": {"choices": {...}}}."""
    view = configuration_view(row, viewer, now_ms)
    hidden = any(choice["count"] is None for choice in view["choices"].values())
    states = {}
    for shard, counts in row["shardCounts"].items():
        states[shard] = {
            "choices": {
                number: {**choice, "count": counts.get(number, 0)} for number, choice in view["choices"].items()
            }
        }
    return {**view, "shardStates": {} if hidden else states}


def ok_or_raise(outcome: Outcome) -> None:
    """Accepts a second vote of the same address, which is not counted. Raises Invalid, NotFound for a vote that cannot count."""
    if outcome.status in {Status.EARLY, Status.CLOSED, Status.INVALID}:
        raise Invalid(outcome.problem, field="id", named=True)
    if outcome.status is Status.UNKNOWN:
        raise NotFound(outcome.problem)


@endpoint(
    "post",
    "create_edge_poll",
    body=OldPollBody,
    answers=answers.CreatedEdgePoll,
    proof=KEY,
    refuses=(409,),
    parameters=[KEY_HEADER],
    scopes=[Scope.POLLS],
)
def create(request: Request) -> Answer:
    """Makes an open poll that belongs to the venue of the api-key."""
    key = api_key(request)
    rate_limits.check(request, rate_limits.CREATE, "poll")
    body = read(OldPollBody, request)
    poll = commands.create(
        commands.NewPoll.of(body.values(), dedupe=Poll.Dedupe.ADDRESS, any_choices=True),
        actor=HOST,
        venue=key.venue,
        api_key=key,
        open_now=True,
        kind="edge-poll",
        **once(request, body),
    )
    return {"id": str(poll.pk)}


@endpoint("delete", "delete_edge_poll", answers=TEXT_OK, proof=KEY, refuses=(404,), scopes=[Scope.POLLS])
def delete(request: Request, poll_id: str) -> Answer:
    """Deletes a poll with all that belongs to it; 403 with another owner's key."""
    key = api_key(request)
    poll = existing(selectors.poll_by_id(poll_id), NO_SUCH_POLL)
    if poll.api_key_id != key.pk:
        raise Forbidden("This poll was made with another api-key.")
    commands.delete(poll.pk)
    return "ok"


urlpatterns = [path("poll", create), path("poll/<str:poll_id>", delete)]
