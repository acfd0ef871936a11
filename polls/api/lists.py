"""The list of a venue's polls, for its programs."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from core import clock
from core.clock import milliseconds
from core.json_types import View
from core.scopes import Scope
from polls import selectors
from polls.api.answers import PHASES
from polls.models import Poll
from venues.lists import newest_first
from web import paging
from web.endpoints import Answer, endpoint
from web.openapi import KEY
from web.serializers import Moment, kind


class ListedPoll(serializers.Serializer[Any]):
    """A poll of the venue, without its choices and counts."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    title = serializers.CharField()
    line = serializers.CharField(allow_null=True, help_text="The code of the line whose parties vote.")
    status = kind(*PHASES)
    visibility = kind(*Poll.Visibility.values)
    dedupe = kind(*Poll.Dedupe.values)
    createdAt = Moment()
    openedAt = Moment(allow_null=True)
    start = Moment(allow_null=True)
    end = Moment(allow_null=True)
    closedAt = Moment(allow_null=True)
    epoch = serializers.IntegerField(help_text="Counts resets, from 0.")


class ListedPolls(serializers.Serializer[Any]):
    """Polls, the newest first."""

    polls = ListedPoll(many=True)
    next = serializers.CharField(allow_null=True, help_text=paging.NEXT)


@endpoint(
    "get",
    "list_polls",
    answers=ListedPolls,
    proof=KEY,
    scopes=[Scope.READ, Scope.POLLS],
    parameters=[*paging.PAGED, paging.OPEN],
)
def list_polls(request: Request) -> Answer:
    """The venue's polls, the newest first; drafts and closed ones, too."""
    found = newest_first(request, "polls", selectors.polls_of, "created_at")
    now = clock.now()
    return {"polls": [_view(row, row.phase_at(now)) for row in found.rows], "next": found.next}


def _view(row: Poll, phase: str) -> View:
    return {
        "id": str(row.pk),
        "code": row.code,
        "title": row.title,
        "line": row.queue.code if row.queue else None,
        "status": phase,
        "visibility": row.visibility,
        "dedupe": row.dedupe,
        "createdAt": milliseconds(row.created_at),
        "openedAt": milliseconds(row.opened_at),
        "start": milliseconds(row.starts_at),
        "end": milliseconds(row.ends_at),
        "closedAt": milliseconds(row.closed_at),
        "epoch": row.epoch,
    }
