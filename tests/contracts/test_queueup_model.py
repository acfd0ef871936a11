"""The contract as a small model: random evenings must look, at every step, exactly as it says."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.contracts.queueup import Line, guest_view, host_view, public_view
from tests.installation import Stack

STEPS = 45


@dataclass
class Model:
    """What queueup.md says a line of `room` guests does."""

    room: int
    waiting: list[dict[str, Any]] = field(default_factory=list)
    called: list[dict[str, Any]] = field(default_factory=list)
    ended: dict[str, str] = field(default_factory=dict)

    @property
    def in_line(self) -> list[dict[str, Any]]:
        return self.waiting + self.called

    def may_join(self, name: str, size: int) -> bool:
        taken = name and any(party["name"] == name for party in self.in_line)
        return not taken and sum(party["size"] for party in self.in_line) + size <= self.room

    def end(self, party_id: str, reason: str) -> None:
        self.waiting = [party for party in self.waiting if party["id"] != party_id]
        self.called = [party for party in self.called if party["id"] != party_id]
        self.ended[party_id] = reason

    def call(self, party: dict[str, Any]) -> None:
        self.waiting.remove(party)
        self.called.append({**party, "status": "called"})

    def guest(self, party_id: str) -> dict[str, Any]:
        if party_id in self.ended:
            return {"type": "removed", "reason": self.ended[party_id]}
        for index, party in enumerate(self.waiting):
            if party["id"] == party_id:
                ahead = index + bool(self.called)
                return {
                    "type": "position",
                    "position": ahead + 1,
                    "aheadCount": ahead,
                    "queueLength": len(self.waiting) + bool(self.called),
                }
        return {"type": "called"}


class Evening:
    """A random host and random guests, and the model beside them."""

    def __init__(self, line: Line, seed: int) -> None:
        self.line, self.random = line, random.Random(seed)
        self.model = Model(room=line.created["maxGuests"])
        self.names = iter(range(1000))

    def step(self) -> None:
        choices = [self.join] * 4 + [self.advance] * 4 + [self.leave, self.kick, self.nearby]
        self.random.choice(choices)()

    def any_party(self) -> str:
        """A party's id: mostly in line, sometimes gone."""
        ids = [party["id"] for party in self.model.in_line] * 4 + list(self.model.ended)
        return self.random.choice(ids or ["00000000-0000-4000-8000-000000000000"])

    def join(self) -> None:
        name = self.random.choice(["", "Ada", "Ben", f"Guest {next(self.names)}"])
        size = self.random.randint(1, 4)
        answer = self.line.post("join", {"name": name, "size": size})
        assert answer.status_code == (200 if self.model.may_join(name, size) else 409), answer.text
        if answer.status_code == 200:
            joined = answer.json()
            party = {"id": joined["partyId"], "name": name, "size": size, "status": "waiting", "nearby": False}
            self.model.waiting.append(party)
            expected = self.model.guest(party["id"])
            assert (joined["position"], joined["queueLength"]) == (expected["position"], expected["queueLength"])

    def advance(self) -> None:
        served = self.random.choice([None, self.any_party(), *[party["id"] for party in self.model.called[-1:]] * 4])
        following = self.random.choice([None, None, None, self.any_party()])
        called, waiting = list(self.model.called), self.model.waiting
        answer = self.line.post("advance", {"servedParty": served, "nextParty": following}, host=True)
        if served is not None and (not called or called[-1]["id"] != served):
            assert answer.status_code == 400
            return
        chosen = next((party for party in waiting if following in (None, party["id"])), None)
        if following is not None and chosen is None:
            assert answer.status_code == 404
            return
        assert answer.status_code == 200, answer.text
        if served is not None:
            self.model.end(served, "served")
        if chosen is not None:
            self.model.call(chosen)
        serving = self.model.called[-1]["id"] if self.model.called else None
        now = answer.json()["nowServing"]
        assert (now and now["id"]) == serving

    def leave(self) -> None:
        self._end("leave", "left", host=False)

    def kick(self) -> None:
        self._end("kick", "kicked", host=True)

    def _end(self, action: str, reason: str, *, host: bool) -> None:
        party_id = self.any_party()
        known = any(party["id"] == party_id for party in self.model.in_line)
        assert self.line.post(action, {"partyId": party_id}, host=host).status_code == (200 if known else 404)
        if known:
            self.model.end(party_id, reason)

    def nearby(self) -> None:
        party_id = self.any_party()
        known = [party for party in self.model.in_line if party["id"] == party_id]
        answer = self.line.post("declare-nearby", {"partyId": party_id})
        assert answer.status_code == (200 if known else 404)
        for party in known:
            party["nearby"] = True

    def compare(self) -> None:
        """Compares the host's, the guests' and the public view with the model."""
        view = host_view(self.line)
        shown = [{key: value for key, value in party.items() if key != "joinedAt"} for party in view["queue"]]
        assert shown == self.model.waiting
        serving = self.model.called[-1] if self.model.called else None
        now = view["nowServing"]
        assert (now and {key: now[key] for key in serving or {}}) == serving
        assert (view["callDeadline"] is None) == (serving is None)
        public = public_view(self.line)
        assert [party["size"] for party in public["queue"]] == [party["size"] for party in self.model.waiting]
        assert [party["nearby"] for party in public["called"]] == [party["nearby"] for party in self.model.called]
        all_ids = [party["id"] for party in self.model.in_line] + list(self.model.ended)
        for party_id in self.random.sample(all_ids, min(5, len(all_ids))):
            told, expected = guest_view(self.line, party_id), self.model.guest(party_id)
            assert {key: told[key] for key in expected} == expected


@pytest.mark.parametrize("seed", range(3))
def test_a_random_evening_is_what_the_contract_says(seed: int, stack: Stack) -> None:
    evening = Evening(Line.open(stack, maxGuests=20), seed)
    for _ in range(STEPS):
        evening.step()
        evening.compare()
    assert len(evening.model.ended) > 5  # or it was no evening
    all_ids = [party["id"] for party in evening.model.in_line]
    evening.line.host("close")
    assert all(guest_view(evening.line, party_id) == {"type": "closed"} for party_id in all_ids)
    for party_id, reason in evening.model.ended.items():
        assert guest_view(evening.line, party_id) == {"type": "removed", "reason": reason}
