"""Contract queueup.md, "Guest actions" and "Host actions"."""

from typing import Any
from uuid import uuid4

import pytest

from tests.contracts.queueup import PARTY_KEYS, Line, at_once, guest_view, host_view, names, refused, state
from tests.installation import Stack

NOBODY = str(uuid4())


def party(line: Line, *who: str) -> list[str]:
    """Joins under these names; the ids."""
    return [line.join(name)["partyId"] for name in who]


# ------------------------------------------------------------------------------------------------------- guest actions
def test_nearby_twice_is_fine_and_shown(line: Line) -> None:
    (ada,) = party(line, "Ada")
    for _ in range(2):
        answer = line.post("declare-nearby", {"partyId": ada})
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert [each["nearby"] for each in host_view(line)["queue"]] == [True]
    assert state(line)[0][0]["version"] == 3  # opened, joined, nearby once


def test_a_called_party_may_still_say_that_it_is_near(line: Line) -> None:
    (ada,) = party(line, "Ada")
    line.host("advance")
    assert line.post("declare-nearby", {"partyId": ada}).json() == {"ok": True}
    assert host_view(line)["nowServing"]["nearby"] is True


@pytest.mark.parametrize("called", [False, True])
def test_who_leaves_is_gone_for_good(called: bool, line: Line) -> None:
    ada, _ = party(line, "Ada", "Ben")
    if called:
        line.host("advance")
    answer = line.post("leave", {"partyId": ada})
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert guest_view(line, ada) == {"type": "removed", "reason": "left"}
    assert names(line) == ["Ben"]
    assert host_view(line)["nowServing"] is None
    for action in ("leave", "declare-nearby"):
        refused(line.post(action, {"partyId": ada}), 404)


@pytest.mark.parametrize("action", ["declare-nearby", "leave"])
def test_a_guest_action_for_a_party_not_in_line_is_404_and_without_party_400(
    action: str, line: Line, other: Line
) -> None:
    (elsewhere,) = party(other, "Ada")
    party(line, "Ben")
    before = state(line), state(other)
    for unknown in (NOBODY, elsewhere, "nonsense", "0", "x" * 5000, "' OR 1=1 --"):
        refused(line.post(action, {"partyId": unknown}), 404)
    for body in ({}, {"partyId": None}, {"partyId": ""}, {"partyId": 7}, {"partyId": [NOBODY]}, {"party": NOBODY}):
        refused(line.post(action, body), 400, "partyId")
    assert (state(line), state(other)) == before


# ------------------------------------------------------------------------------------------------------------- advance
def test_advance_calls_the_head_and_starts_its_deadline(line: Line) -> None:
    ada, ben = party(line, "Ada", "Ben")
    answer = line.host("advance")
    assert set(answer) == {"nowServing"}
    assert set(answer["nowServing"]) == PARTY_KEYS
    serving = host_view(line)
    assert answer["nowServing"] == serving["nowServing"]
    assert (serving["nowServing"]["id"], serving["nowServing"]["status"]) == (ada, "called")
    assert [each["id"] for each in serving["queue"]] == [ben]
    called_at = line.sql("SELECT called_at FROM queues_party WHERE id = %s", ada)[0]["called_at"]
    assert serving["callDeadline"] - int(called_at.timestamp() * 1000) == 120_000


def test_advance_serves_then_calls(line: Line) -> None:
    ada, ben, cem = party(line, "Ada", "Ben", "Cem")
    line.host("advance")
    assert line.host("advance", {"servedParty": ada})["nowServing"]["id"] == ben
    assert guest_view(line, ada) == {"type": "removed", "reason": "served"}
    assert line.host("advance", {"servedParty": ben, "nextParty": cem})["nowServing"]["id"] == cem
    assert line.host("advance", {"servedParty": cem}) == {"nowServing": None}
    assert line.host("advance") == {"nowServing": None}
    assert host_view(line)["queue"] == []


def test_advance_calls_whom_the_host_names(line: Line) -> None:
    _, ben, cem = party(line, "Ada", "Ben", "Cem")
    assert line.host("advance", {"nextParty": cem})["nowServing"]["id"] == cem
    assert line.host("advance", {"servedParty": cem.upper(), "nextParty": ben.upper()})["nowServing"]["id"] == ben
    assert names(line) == ["Ada"]


def test_advance_takes_null_as_no_party(line: Line) -> None:
    (ada,) = party(line, "Ada")
    assert line.host("advance", {"servedParty": None, "nextParty": None})["nowServing"]["id"] == ada


@pytest.fixture(scope="module")
def serving(stack: Stack) -> tuple[Line, dict[str, str]]:
    """A line that serves a party, and the ids of parties by what they are to it. Tests send it calls that are refused. Its
    own call lasts longer than they do."""
    line = Line.open(stack, callWindowSeconds=1800)
    older, served, gone, waiting = party(line, "Older", "Serving", "Gone", "Waiting")
    (elsewhere,) = party(Line.open(stack, eventName="Elsewhere"), "Elsewhere")
    line.post("leave", {"partyId": gone})
    line.host("advance")
    line.host("advance")
    return line, {
        "older": older,
        "serving": served,
        "gone": gone,
        "waiting": waiting,
        "elsewhere": elsewhere,
        "nobody": NOBODY,
    }


@pytest.mark.parametrize(
    ("served", "following", "status", "field"),
    [
        ("waiting", None, 400, "servedParty"),
        ("nobody", None, 400, "servedParty"),
        ("nonsense", None, 400, "servedParty"),
        ("older", None, 400, "servedParty"),
        ("gone", None, 400, "servedParty"),
        ("nobody", "waiting", 400, "servedParty"),
        (7, None, 400, "servedParty"),
        ("", None, 400, "servedParty"),
        ("serving", "nobody", 404, "nextParty"),
        ("serving", "serving", 404, "nextParty"),
        ("serving", "older", 404, "nextParty"),
        ("serving", "gone", 404, "nextParty"),
        ("serving", "nonsense", 404, "nextParty"),
        ("serving", "elsewhere", 404, "nextParty"),
        (None, "serving", 404, "nextParty"),
        (None, "nobody", 404, "nextParty"),
        ("serving", 7, 400, "nextParty"),
        ("serving", [], 400, "nextParty"),
    ],
)
def test_a_refused_advance_changes_nothing(
    served: Any, following: Any, status: int, field: str, serving: tuple[Line, dict[str, str]]
) -> None:
    line, who = serving
    named = {"servedParty": served, "nextParty": following}
    body = {key: who.get(value, value) if isinstance(value, str) else value for key, value in named.items()}
    before = state(line)
    refused(line.post("advance", body, host=True), status, field)
    assert state(line) == before


def test_two_hosts_who_advance_at_once_call_two_parties(line: Line) -> None:
    party(line, *"ABCDEFGH")
    called = at_once(8, lambda _: line.host("advance")["nowServing"]["id"])
    assert len(set(called)) == 8


def test_one_of_two_hosts_who_seat_the_same_party_wins(line: Line) -> None:
    ada, *_ = party(line, "Ada", "Ben", "Cem", "Dia")
    line.host("advance")
    codes = at_once(6, lambda _: line.post("advance", {"servedParty": ada}, host=True).status_code)
    assert sorted(codes) == [200] + [400] * 5
    assert names(line) == ["Cem", "Dia"]


# ------------------------------------------------------------------------------------------- several called at once (more)
def test_no_called_party_is_lost_when_another_is_called(line: Line) -> None:
    ada, ben, cem = party(line, "Ada", "Ben", "Cem")
    line.host("advance")
    first_deadline = host_view(line)["callDeadline"]
    line.host("advance")
    view = host_view(line)
    assert view["nowServing"]["id"] == ben  # the party called last
    assert view["callDeadline"] > first_deadline
    assert guest_view(line, ada) == {"type": "called", "deadline": first_deadline}
    assert guest_view(line, ben) == {"type": "called", "deadline": view["callDeadline"]}
    # Without Ben, Ada is the party called last that is still called.
    assert line.host("advance", {"servedParty": ben})["nowServing"]["id"] == cem
    line.post("leave", {"partyId": cem})
    view = host_view(line)
    assert (view["nowServing"]["id"], view["callDeadline"]) == (ada, first_deadline)
    assert line.host("advance", {"servedParty": ada}) == {"nowServing": None}


def test_without_waiting_parties_advance_says_who_is_still_called(line: Line) -> None:
    (ada,) = party(line, "Ada")
    line.host("advance")
    assert line.host("advance")["nowServing"]["id"] == ada


# --------------------------------------------------------------------------------------------------------- kick, close
@pytest.mark.parametrize("called", [False, True])
def test_kick_removes_any_party_in_line(called: bool, line: Line) -> None:
    ada, _ = party(line, "Ada", "Ben")
    if called:
        line.host("advance")
    line.host("kick", {"partyId": ada})
    assert guest_view(line, ada) == {"type": "removed", "reason": "kicked"}
    assert names(line) == ["Ben"]
    refused(line.post("kick", {"partyId": ada}, host=True), 404)


def test_kick_without_a_party_is_400_and_of_a_stranger_404(line: Line, other: Line) -> None:
    party(line, "Ada")
    (elsewhere,) = party(other, "Ben")
    before = state(line), state(other)
    bodies: list[Any] = [{}, {"partyId": None}, {"partyId": 7}, {"partyId": {}}, {"partyId": ""}]
    for body in bodies:
        refused(line.post("kick", body, host=True), 400, "partyId")
    for unknown in (NOBODY, "nonsense", elsewhere):
        refused(line.post("kick", {"partyId": unknown}, host=True), 404)
    assert (state(line), state(other)) == before


def test_close_ends_all_places_and_may_be_repeated(line: Line) -> None:
    ada, ben, cem = party(line, "Ada", "Ben", "Cem")
    line.host("advance")
    line.post("leave", {"partyId": cem})
    assert line.host("close") == {"ok": True}
    after = state(line)
    assert line.host("close") == {"ok": True}
    assert state(line) == after
    view = host_view(line)
    assert (view["queue"], view["nowServing"], view["callDeadline"], view["closed"]) == ([], None, None, True)
    assert guest_view(line, ada) == guest_view(line, ben) == {"type": "closed"}
    assert guest_view(line, cem) == {"type": "removed", "reason": "left"}  # the true reason, also afterwards
    for action, body in [("leave", {"partyId": ada}), ("declare-nearby", {"partyId": ben})]:
        refused(line.post(action, body), 404)
    refused(line.post("kick", {"partyId": ada}, host=True), 404)
    refused(line.post("advance", {}, host=True), 409)
    assert state(line) == after
