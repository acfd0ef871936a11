"""Made by `make client` from the OpenAPI document; do not edit. Models: webhooks."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Answered(TypedDict):
    """What the receiver answered."""

    taken: bool
    detail: str


class Deliveries(TypedDict):
    """The newest first; `next` asks for older ones, null at the end."""

    deliveries: list[Delivery]
    next: int | None


class Delivery(TypedDict):
    """One message that was sent, and what came of it. `id` is its `webhook-id`, null for a test."""

    id: str | None
    type: str
    # ms since 1970
    at: int
    tookMs: int
    result: Literal["taken", "failed", "given up"]
    detail: str
    byHand: bool


# POST .../replay: everything that happened from this time on is sent again, in order.
ReplayBody = TypedDict(
    "ReplayBody",
    {
        "from": "int",
    },
)


class Replayed(TypedDict):
    """How many lines, polls and rooms are told again."""

    streams: int


class SendBody(TypedDict):
    """POST .../send: one message again, by its `webhook-id`; without one, a test."""

    id: NotRequired[str | None]


class Webhook(TypedDict):
    """A webhook. `secret` is answered when it is made or rotated, and never again."""

    id: str
    url: str
    name: str
    events: list[str]
    # ms since 1970
    createdAt: int
    # ms since 1970
    failingSince: int | None
    # When what it has not taken is sent again; null when nothing is.
    nextTryAt: int | None
    # ms since 1970
    disabledAt: int | None
    secret: NotRequired[str]


class WebhookBody(TypedDict):
    """POST /api/webhooks and PUT /api/webhooks/{id}: the address, and the types of events that it is told of; none:
    all.
    """

    url: str
    name: NotRequired[str]
    events: NotRequired[
        list[
            Literal[
                "line.opened",
                "line.changed",
                "line.paused",
                "line.resumed",
                "line.entry_over",
                "line.message",
                "line.message_cleared",
                "line.action_undone",
                "line.wait_set",
                "line.wait_cleared",
                "line.wait_over",
                "line.closed",
                "party.joined",
                "party.changed",
                "party.quoted",
                "party.nearby",
                "party.moved",
                "party.let_pass",
                "party.asked_more_time",
                "party.given_more_time",
                "party.called",
                "party.late",
                "party.message",
                "party.message_cleared",
                "party.took_ticket",
                "party.seated",
                "party.table_changed",
                "party.table_freed",
                "party.left",
                "party.removed",
                "party.no_show",
                "party.put_back",
                "poll.opened",
                "poll.closed",
                "poll.sealed",
                "poll.reset",
                "room.opened",
                "room.closed",
            ]
        ]
    ]


class Webhooks(TypedDict):
    """The venue's webhooks, oldest first."""

    webhooks: list[Webhook]
