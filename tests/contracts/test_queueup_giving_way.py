"""Beside the contract (B6): let-pass, ask-more-time, more-time."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.contracts.queueup import Line, guest_view, host_view, http, names, public_view, refused, state

NOBODY = str(uuid4())
NO_NUMBERS: list[Any] = [0, -1, 121, "3", 1.5, True, []]


def console(line: Line) -> dict[str, Any]:
    """What our own console shows."""
    view: dict[str, Any] = http.get(f"{line.api}/console", headers={"x-host-auth": line.token}).json()
    return view


def test_a_guest_lets_others_pass(line: Line) -> None:
    ids = {name: line.join(name)["partyId"] for name in ("Ada", "Ben", "Cem", "Dia")}
    answer = line.post("let-pass", {"partyId": ids["Ada"]})
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "passed": 1})
    assert names(line) == ["Ben", "Ada", "Cem", "Dia"]
    assert line.post("let-pass", {"partyId": ids["Ada"], "parties": 7}).json() == {"ok": True, "passed": 2}
    assert names(line) == ["Ben", "Cem", "Dia", "Ada"]
    assert guest_view(line, ids["Ada"])["position"] == 4
    for _ in range(2):
        again = line.post("let-pass", {"partyId": ids["Ben"]}, sent={"Idempotency-Key": "one tap of a thumb"})
        assert again.json() == {"ok": True, "passed": 1}
    assert names(line) == ["Cem", "Ben", "Dia", "Ada"]
    before = state(line)
    assert "behind" in refused(line.post("let-pass", {"partyId": ids["Ada"]}), 409)
    for wrong in (each for each in NO_NUMBERS if each != 121):
        refused(line.post("let-pass", {"partyId": ids["Ben"], "parties": wrong}), 400, "parties")
    assert state(line) == before


def test_a_called_guest_asks_for_more_time_and_gets_it(line: Line) -> None:
    ada = line.join("Ada")["partyId"]
    refused(line.post("ask-more-time", {"partyId": ada}), 404)
    line.host("advance")
    before = guest_view(line, ada)["deadline"]
    assert line.post("ask-more-time", {"partyId": ada}).json() == {"ok": True}
    assert console(line)["called"][0]["wantsMoreTime"] is True
    assert guest_view(line, ada)["deadline"] == before
    refused(line.post("more-time", {"partyId": ada}), 401)
    for wrong in NO_NUMBERS:
        refused(line.post("more-time", {"partyId": ada, "minutes": wrong}, host=True), 400, "minutes")
    assert line.post("more-time", {"partyId": ada, "minutes": 3}, host=True).json() == {"ok": True}
    assert guest_view(line, ada)["deadline"] == before + 180_000
    assert console(line)["called"][0]["wantsMoreTime"] is False
    assert line.post("more-time", {"partyId": ada}, host=True).json() == {"ok": True}
    assert host_view(line)["callDeadline"] == before + 300_000, "the line's call window once more"
    refused(line.post("ask-more-time", {"partyId": ada}), 409)
    assert line.host("undo", {})["action"] == "give_more_time"


@pytest.mark.parametrize("action", ["let-pass", "ask-more-time", "more-time"])
def test_for_a_party_not_in_line_it_is_404_and_without_party_400(action: str, line: Line, other: Line) -> None:
    elsewhere = other.join("Ada")["partyId"]
    line.join("Ben")
    before = state(line), state(other)
    host = action == "more-time"
    for unknown in (NOBODY, elsewhere, "nonsense"):
        refused(line.post(action, {"partyId": unknown}, host=host), 404)
    for body in ({}, {"partyId": None}, {"partyId": 7}):
        refused(line.post(action, body, host=host), 400, "partyId")
    assert (state(line), state(other)) == before


def test_what_a_guest_asks_and_writes_is_for_the_host_alone(line: Line) -> None:
    answer = line.post("join", {"name": "Ada Canary", "note": "pram canary"})
    assert answer.status_code == 200
    line.host("advance")
    line.post("ask-more-time", {"partyId": answer.json()["partyId"]})
    shown = json.dumps(public_view(line))
    assert "anary" not in shown and "oreTime" not in shown and answer.json()["partyId"] not in shown
    assert console(line)["called"][0]["note"] == "pram canary"
    refused(line.post("join", {"note": "x" * 201}), 400, "note")
