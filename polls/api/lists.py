"""The list of a venue's polls, for its programs."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from core import clock
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
    line = serializers.CharField(
        source="queue.code", allow_null=True, help_text="The code of the line whose parties vote."
    )
    status = kind(*PHASES)
    visibility = kind(*Poll.Visibility.values)
    dedupe = kind(*Poll.Dedupe.values)
    createdAt = Moment(source="created_at")
    openedAt = Moment(source="opened_at", allow_null=True)
    start = Moment(source="starts_at", allow_null=True)
    end = Moment(source="ends_at", allow_null=True)
    closedAt = Moment(source="closed_at", allow_null=True)
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
    now, shown = clock.now(), ListedPoll(found.rows, many=True).data
    for row, view in zip(found.rows, shown, strict=True):
        view["status"] = row.phase_at(now)  # the column says less
    return {"polls": shown, "next": found.next}
