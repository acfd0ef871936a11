"""What a host's device has kept while it had no network: a list of actions, each of them its own command (decision 0076)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.http import QueryDict

from core import clock
from core.actors import Actor, Press
from core.errors import Busy, Invalid, NotFound, Refused, TooMany
from core.json_types import View
from queues import action_bodies as bodies
from queues import sent
from queues.models import Queue, SentAction
from queues.pages.actions import ACTIONS, MAKING
from queues.sent import AlreadySent
from web.bodies import read
from web.idempotency import fingerprint

OTHER_ACTION = "This id was sent before, with another action."
# A party that was seated some time ago sits, whatever other hosts have done with its row meanwhile.
ANY_STATE = frozenset({"seat"})
# What an edit was typed over; other buttons are about a party's state.
OF_DETAILS = frozenset({"edit"})


@dataclass
class Batch:
    """The actions of one request; `own`: the versions that they have made so far."""

    line: Queue
    actor: Actor
    own: set[int] = field(default_factory=set)

    def perform(self, actions: Sequence[dict[str, Any]]) -> list[View]:
        """The outcome of each, in their order. A refused one costs no other.

        Raises Invalid, before anything is done, for one without an id; Busy when the line's lock cannot be had: then those before
        have their outcome, and the same request may be sent again.
        """
        ids = [UUID(_id(place, action)) for place, action in enumerate(actions)]
        return [self._outcome(pk, action) for pk, action in zip(ids, actions, strict=True)]

    def _outcome(self, pk: UUID, action: dict[str, Any]) -> View:
        try:
            body = read(bodies.ActionBody, action)
        except Invalid as refused:
            return _refused(pk, refused)
        before = sent.find_in_venue(self.line, UUID(body.after)) if body.after else None
        press = self._press(pk, body, before)
        data = _form(body, before, press)
        text = ""
        try:
            text = _act(body.action)(self.line, data, replace(self.actor, press=press))
        except AlreadySent as known:
            if known.row.asked not in {"", press.asked}:  # empty: it came by its form before
                return _refused(pk, Invalid(OTHER_ACTION, field="id"))
            return self._told(known.row, already=True)
        except (Busy, TooMany):
            raise
        except Refused as refused:
            row = sent.find_in_venue(self.line, pk)  # none: refused before the lock, and again if it is sent again
            return _refused(pk, refused) if row is None else self._told(row)
        row = sent.find_in_venue(self.line, pk)
        if row is None:
            raise RuntimeError(f"{body.action} has given no command")
        return self._told(row, text=text)

    def _press(self, pk: UUID, body: bodies.ActionBody, before: SentAction | None) -> Press:
        own = self.own | ({before.version} if before is not None and before.version else set())
        return Press(
            id=pk,
            asked=fingerprint(body.values()),
            action=body.action,
            at=body.pressedAt or clock.now(),
            party=UUID(body.party) if body.party else None,
            version=body.version,
            own=frozenset(own),
        )

    def _told(self, row: SentAction, *, already: bool = False, text: str = "") -> View:
        if row.version is not None:
            self.own.add(row.version)
        return _view(row, already=already, text=row.refusal or text)


def _id(place: int, action: dict[str, Any]) -> str:
    try:
        return read(bodies.ActionId, action).id
    except Invalid as refused:
        raise Invalid(f"actions.{place}.{refused.message}", field=f"actions.{place}.{refused.field}") from None


def _form(body: bodies.ActionBody, before: SentAction | None, press: Press) -> QueryDict:
    """What the button's form would have sent. Where the device's own action `before` was done, the host saw the party as that
    left it."""
    saw: str = body.saw
    if body.action in ANY_STATE and sent.is_late(press, clock.now()):
        saw = ""
    elif before is not None and not before.refusal and body.party == str(before.party_id):
        saw = before.details if body.action in OF_DETAILS else before.state
    data = QueryDict(mutable=True)
    data.update(body.fields)
    data["saw"] = saw
    data["key"] = str(press.id)
    if body.party:
        data["party"] = body.party
    return data


def _act(action: str) -> Callable[[Queue, QueryDict, Actor], str]:
    """What a button of the console does; returns a message for the host. Raises NotFound for no button."""
    if act := ACTIONS.get(action):
        return lambda line, data, actor: act(line, data, actor) or ""
    if make := MAKING.get(action):  # without a key: the press's id is one
        return lambda line, data, actor: make(line, data, actor, "").text
    raise NotFound(f"There is no action {action}.", field="action")


def _refused(pk: UUID, refused: Refused) -> View:
    """The outcome of an action that is kept nowhere."""
    code = refused.reason.code or refused.kind
    outcome = {"id": str(pk), "outcome": "refused", "already": False, "version": None, "partyId": None}
    return {**outcome, "text": refused.message, "code": code}


def _view(row: SentAction, *, already: bool, text: str) -> View:
    return {
        "id": str(row.action_id),
        "outcome": "refused" if row.refusal else "done",
        "already": already,
        "version": row.version,
        "partyId": str(row.party_id) if row.party_id else None,
        "text": text,
        "code": row.code,
    }
