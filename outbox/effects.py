"""The effects of each type of event: the table that connects the slices.

Handlers are named by dotted strings, not imported, so that `queues` and `polls` do not know who listens.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handler:
    """The function that performs an effect.

    `inside`: it writes only to our Postgres and runs in the transaction that marks the effects done; it takes a list of Events.
    Otherwise it uses the network: it takes one Event, outside any transaction, under a lease of `lease_s` seconds; the effect
    is marked done once it returns. `reads` names a function of a task's events that reads at once what all of them need; the
    handler then takes what it returned as well.
    """

    path: str
    inside: bool
    lease_s: int = 30
    reads: str = ""

    def load(self) -> Callable[[Any], None]:
        """The function itself."""
        handler: Callable[[Any], None] = import_string(self.path)
        return handler

    def load_for(self, events: Sequence[Any]) -> Callable[[Any], None]:
        """The function for these events, with what `reads` reads. Where that fails, each event reads for itself."""
        handle: Callable[..., None] = self.load()
        if not self.reads:
            return handle
        try:
            return partial(handle, known=import_string(self.reads)(events))
        except Exception as problem:
            logger.warning("a task of effects cannot be read at once", extra={"size": len(events), "problem": problem})
            return handle


HANDLERS: dict[str, Handler] = {
    "analytics": Handler("analytics.facts.keep", inside=True),
    "push": Handler("push.deliveries.deliver", inside=False, reads="push.known.read"),
    "announce": Handler("push.commands.announce", inside=True),
    "reach": Handler("reach.planning.plan", inside=True),
    "guests": Handler("guests.visits.keep", inside=True),
    "mail": Handler("mail.deliveries.deliver", inside=False),
    "tickets": Handler("polls.asking.show_on_tickets", inside=False),
    "nodes": Handler("polls.on_nodes.follow", inside=False),
}

_LINE = ("analytics",)
# Of these two an event has one: a party with a contact is told by `reach`, also in its browsers (queues/change.py).
_TOLD = ("push", "reach")
_LINE_TOLD = ("analytics", *_TOLD)
_LINE_ANNOUNCED = ("analytics", "announce", "reach")

EFFECTS: dict[str, tuple[str, ...]] = {
    "QUEUE_OPENED": _LINE,
    "QUEUE_REPLAYED": (),
    "QUEUE_MEMBER_JOINED": ("analytics", "reach", "guests"),
    "QUEUE_MEMBER_NEARBY": _LINE,
    "QUEUE_MEMBER_CALLED": _LINE_TOLD,
    "QUEUE_MEMBER_SERVED": _LINE,
    "QUEUE_MEMBER_LEFT": _LINE,
    "QUEUE_TABLE_CHANGED": (),
    "QUEUE_TABLE_FREED": (),
    "QUEUE_MEMBER_KICKED": _LINE_TOLD,
    "QUEUE_MEMBER_DROPPED": _LINE_TOLD,
    "QUEUE_MEMBER_PUT_BACK": _LINE_TOLD,
    "QUEUE_LAPSED_DISMISSED": (),
    "QUEUE_MEMBER_LATE": _TOLD,
    "QUEUE_MEMBER_MESSAGED": _TOLD,
    "QUEUE_MEMBER_MESSAGE_CLEARED": (),
    "QUEUE_MEMBER_TOOK_TICKET": (),
    "QUEUE_MEMBER_CHOSE_WAYS": ("reach", "guests"),
    "QUEUE_MEMBER_ASKED_CODE": ("reach",),
    "QUEUE_MEMBER_PROVED_NUMBER": ("reach", "guests"),
    "QUEUE_MEMBER_WROTE": (),
    "QUEUE_MEMBER_RECOGNISED": (),
    "QUEUE_MEMBER_STOPPED_TEXTS": (),
    "QUEUE_MEMBER_STARTED_TEXTS": (),
    "QUEUE_MEMBER_MOVED": (),
    "QUEUE_MEMBER_LET_PASS": (),
    "QUEUE_MEMBER_ASKED_NOTICE": (),
    "QUEUE_MEMBER_ASKED_TIME": (),
    "QUEUE_MEMBER_GIVEN_TIME": _TOLD,
    "QUEUE_MEMBER_EDITED": (),
    "QUEUE_MEMBER_QUOTED": _LINE,
    "QUEUE_POSITION_2": _LINE_TOLD,
    "QUEUE_POSITION_5": _LINE_TOLD,
    "QUEUE_POSITION_NOTICE": _TOLD,
    "QUEUE_VISIT_ASKED": _TOLD,
    "QUEUE_VISIT_ANSWERED": (),
    "QUEUE_EDITED": (),
    "QUEUE_MESSAGE_SENT": ("announce", "reach"),
    "QUEUE_MESSAGE_CLEARED": (),
    "QUEUE_QUESTIONS_SHOWN": (),
    "QUEUE_LAST_ENTRY": (),
    "QUEUE_TOKEN_RENEWED": (),
    "QUEUE_WAIT_SET": (),
    "QUEUE_WAIT_CLEARED": (),
    "QUEUE_WAIT_OVER": (),
    "QUEUE_PAUSED": (),
    "QUEUE_RESUMED": (),
    "QUEUE_FORGOTTEN": (),
    "QUEUE_MEMBER_ERASED": (),
    "QUEUE_ACTION_UNDONE": _LINE_ANNOUNCED,
    "QUEUE_CLOSED": _LINE_ANNOUNCED,
    "PUSH_SUBSCRIBED": ("push",),
    "PUSH_RESENT": ("push",),
    "PUSH_ANNOUNCED": ("push",),
    "PUSH_OWED": ("push",),
    "PUSH_TESTED": (),
    "POLL_CREATED": (),
    "POLL_EDITED": (),
    "POLL_OPENED": ("tickets", "nodes"),
    "POLL_CLOSED": ("tickets",),
    "POLL_SEALED": (),
    "POLL_RESET": ("tickets", "nodes"),
    "POLL_CODES_ADDED": (),
    "POLL_TOKEN_RENEWED": (),
    "POLL_DELETED": ("tickets", "nodes"),
    "ROOM_OPENED": (),
    "ROOM_TOKEN_RENEWED": (),
    "ROOM_CLOSED": (),
    "ROOM_DELETED": (),
    "ROOM_FORGOTTEN": (),
    "VENUE_SIGNED_UP": (),
    "VENUE_INVITED": (),
    "VENUE_INVITATION_REVOKED": (),
    "VENUE_JOINED": (),
    "VENUE_ROLE_CHANGED": (),
    "VENUE_MEMBER_REMOVED": (),
    "VENUE_CHANGED": (),
    "VENUE_RETENTION_CHANGED": (),
    "VENUE_SERVICE_MADE": (),
    "VENUE_SERVICE_CHANGED": (),
    "VENUE_SERVICE_ARCHIVED": (),
    "VENUE_SERVICE_RESTORED": (),
    "VENUE_TABLES_ADDED": (),
    "VENUE_TABLE_CHANGED": (),
    "VENUE_TABLE_REMOVED": (),
    "VENUE_SECTION_RENAMED": (),
    "VENUE_DATE_SET": (),
    "VENUE_DATE_REMOVED": (),
    "VENUE_KEY_MADE": (),
    "VENUE_CHANNELS_SET": (),
    "VENUE_KEY_ENDED": (),
    "VENUE_KEY_EXPIRING": (),
    "VENUE_TEXTS_SET": (),
    "VENUE_TEXTS_COST_MOST": (),
    "VENUE_WEBHOOK_MADE": (),
    "VENUE_WEBHOOK_CHANGED": (),
    "VENUE_WEBHOOK_SECRET_ROTATED": (),
    "VENUE_WEBHOOK_ENABLED": (),
    "VENUE_WEBHOOK_DISABLED": (),
    "VENUE_WEBHOOK_REMOVED": (),
    "VENUE_WEBHOOK_REPLAYED": (),
    "VENUE_GUEST_HISTORY_CHANGED": (),
    "VENUE_GUEST_CHANGED": (),
    "VENUE_GUEST_FORGOTTEN": (),
    "VENUE_GUESTS_FORGOTTEN": (),
    "VENUE_DEVICE_ADDED": (),
    "VENUE_DEVICE_REMOVED": (),
    "VENUE_KIOSK_BEGAN": (),
    "VENUE_KIOSK_ENDED": (),
    "MAIL_POSTED": ("mail",),
}

# What must hold as soon as an event does: called in the transaction that records it, as (stream_id, actor=).
AT_ONCE: dict[str, str] = {
    "QUEUE_TOKEN_RENEWED": "polls.commands.renew_tokens_of_line",
}

# What is brought up to date from the newest state after each commit in a stream, and again by the timers: snapshots and
# broadcasts are functions of the state and its version, not of single events (docs/decisions/0004).
FOLLOWERS: dict[str, str] = {
    "queue": "queues.edge.publish.publish",
    "poll": "polls.edge.publish.publish",
    "ballots": "polls.edge.publish.publish_soon",
    "room": "rooms.edge.publish.publish",
}


class Retry(Exception):
    """Raised by a handler: try the effect again after `after_s` seconds, or by the usual backoff when that is None."""

    def __init__(self, reason: str, *, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class GiveUp(Exception):
    """Raised by a handler: the effect can never be done. It is marked dead, where staff see it and may retry it."""
