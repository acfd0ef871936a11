"""What is to become of actions that a tablet sends late, said plainly: each is done or refused, on a model of the line."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.clock import milliseconds
from core.errors import Conflict, Refused
from tests.properties.guests import Guests
from tests.properties.model import Model

Kept = dict[str, Any]


@dataclass
class Known:
    """What the first answer to an action was."""

    done: bool
    version: int | None
    party: str | None
    # The party's state after it.
    left: str = ""


@dataclass
class Judge:
    """Knows all first answers, and each call with the version that it made."""

    known: dict[str, Known] = field(default_factory=dict)
    calls: list[tuple[int, str]] = field(default_factory=list)

    def note_calls(self, model: Model) -> None:
        """After a command that made a version."""
        self.calls += [(model.version, str(party)) for event, party in model.events if event == "QUEUE_MEMBER_CALLED"]

    def perform(self, before: Model, batch: list[Kept], times: list[datetime], made: list[str | None]) -> Model:
        """The line after the batch; its events are those of all its commands. `times`: when each came under the lock; `made`: the
        party that each walk-in has become."""
        model, events, own = before.copy(), [], set[int]()
        for action, now, party in zip(batch, times, made, strict=True):
            if action["id"] not in self.known:
                model = self._one(model, now, action, party, own)
                events += model.events
            known = self.known[action["id"]]
            own |= {known.version} if known.version is not None else set()
        model.events = events or before.events
        return model

    def _one(self, before: Model, now: datetime, action: Kept, made: str | None, own: set[int]) -> Model:
        model = before.copy()
        first = self.known.get(action.get("after", ""))
        mine = own | ({first.version} if first and first.version is not None else set())
        try:
            self._press(model, now, action, first.left if first and first.done else action.get("saw", ""))
            self._require_timely(model, now, action, mine)
        except Refused:
            self.known[action["id"]] = Known(done=False, version=None, party=action.get("party"))
            return before.copy()
        if action["action"] == "walk-in" and made is not None:
            model.admit(made, "")
        model.finish(now, before, undoable=True)
        self.note_calls(model)
        party = action.get("party") or made
        self.known[action["id"]] = Known(
            done=True,
            version=model.version if model.events else None,
            party=party,
            left=state(model.parties[party]) if party else "",
        )
        return model

    def _press(self, model: Model, now: datetime, action: Kept, saw: str) -> None:
        party = action.get("party", "")
        match action["action"]:
            case "call":
                _require(model, party, saw)
                if saw == "first" and model.waiting()[0].id != party:
                    raise Conflict("")
                model.party(party, "waiting")
                model.call(now, party)
            case "call-again":
                _require(model, party, saw)
                model.call(now, party)
            case "seat":
                if now - _pressed(action) < timedelta(seconds=10):
                    _require(model, party, saw.partition("-")[0])
                model.serve(now, party)
            case "no-show":
                _require(model, party, saw)
                model.no_show(now, party)
            case "more-time":
                _require(model, party, saw)
                model.give_more_time(now, party, None)
            case "remove":
                _require(model, party, saw.partition("-")[0])
                model.kick(now, party)
            case "put-back":
                _require(model, party, saw.partition("-")[0])
                model.put_back(now, party)
            case "pause" | "resume" as name:
                model.pause(now, name == "pause")
            case "walk-in":
                model.join(now, name="", size=int(action["fields"]["size"]), key="", walk_in=True)

    def _require_timely(self, model: Model, now: datetime, action: Kept, mine: set[int]) -> None:
        if action["action"] not in {"call", "call-again"}:
            return
        called = {version for version, party in self.calls if party == action["party"] and version > action["version"]}
        if called - mine or now - _pressed(action) > timedelta(seconds=model.call_window_s):
            raise Conflict("")


def state(party: Guests) -> str:
    """As a tablet shows it."""
    at = milliseconds(party.call_deadline or party.ended_at)
    return party.status if at is None else f"{party.status}-{at}"


def _pressed(action: Kept) -> datetime:
    at: datetime = action["at"]
    return at


def _require(model: Model, party: str, saw: str) -> None:
    found = model.party(party, "waiting", "called", "served", "left", "kicked", "no_show", "closed")
    if saw and saw not in {found.status, state(found)} and not (saw == "first" and found.status == "waiting"):
        raise Conflict("")


def plain(batch: list[Kept]) -> list[Kept]:
    """As they are sent: without what only the model reads."""
    return [{name: value for name, value in deepcopy(action).items() if name != "at"} for action in batch]
