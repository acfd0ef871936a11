"""Made by `make client` from the OpenAPI document; do not edit. Models: edge poll."""

from __future__ import annotations

from typing import TypedDict


class CreatedEdgePoll(TypedDict):
    """The id of a poll just made."""

    id: str


class EdgePoll(TypedDict):
    """The configuration; choices by their ids."""

    title: str
    description: str
    created: int
    start: int | None
    end: int | None
    shards: int
    choices: dict[str, EdgePollChoice]


class EdgePollChoice(TypedDict):
    """A choice; its count is null where counts are hidden."""

    id: str
    title: str
    count: int | None


class EdgePollResults(TypedDict):
    """The configuration with current counts, and the counts by shard."""

    title: str
    description: str
    created: int
    start: int | None
    end: int | None
    shards: int
    choices: dict[str, EdgePollChoice]
    shardStates: dict[str, EdgePollShard]


class EdgePollShard(TypedDict):
    """The counts of one shard."""

    choices: dict[str, EdgePollChoice]


class OldPollBody(TypedDict):
    """POST /poll."""

    title: str
    description: str
    start: int | str
    end: int | str
    shards: int | str
    choices: list[str]


class OldVoteBody(TypedDict):
    """POST and PUT /poll/{id} (contract edge-poll.md)."""

    id: str
