"""Beside the contract: late instead of thrown out, a message to one guest, a wait set by hand, a pause with a reason."""

from typing import Any

import pytest

from tests.contracts.queueup import Line, guest_view, names, public_view, refused
from tests.contracts.test_queueup_giving_way import NOBODY, console
from tests.installation import Stack, wait_until


def test_a_line_that_ends_no_place_says_who_is_late(stack: Stack) -> None:
    line = Line.open(stack, autoNoShow=False, autoAdvance=False, onMyWaySeconds=120)
    ada = line.join("Ada")["partyId"]
    line.host("advance")
    line.sql("UPDATE queues_party SET call_deadline = now() - interval '1 s' WHERE id = %s", ada)
    wait_until(lambda: public_view(line)["called"][0].get("late"), what="the lateness")
    assert guest_view(line, ada)["type"] == "called", "older clients see a call"
    assert console(line)["called"][0]["lateAt"] is not None
    before = guest_view(line, ada)["deadline"]
    assert line.post("declare-nearby", {"partyId": ada}).json() == {"ok": True}
    assert guest_view(line, ada)["deadline"] >= before + 120_000
    assert "late" not in public_view(line)["called"][0]
    party = console(line)["called"][0]
    assert party["lateAt"] is None and party["onMyWayAt"] is not None and party["hasPhone"] is True
    assert line.host("settings", {"autoNoShow": True, "onMyWaySeconds": 0}) == {"ok": True}
    refused(line.post("settings", {"onMyWaySeconds": -1}, host=True), 400, "onMyWaySeconds")


def test_a_walk_in_without_a_phone_is_late_on_every_line(line: Line) -> None:
    line.host("walk-in", {"name": "Wes"})
    line.host("advance")
    line.sql("UPDATE queues_party SET call_deadline = now() - interval '1 s' WHERE queue_id = %s", line.session_id)
    wait_until(lambda: public_view(line)["called"][0].get("late"), what="the lateness")
    assert console(line)["called"][0]["hasPhone"] is False


def test_a_message_to_one_guest_is_the_hosts_and_theirs(line: Line) -> None:
    ada, ben = (line.join(name)["partyId"] for name in ("Ada", "Ben"))
    body = {"partyId": ada, "text": " Your table is ready "}
    refused(line.post("message-party", body), 401)
    for _ in range(2):
        assert line.post("message-party", body, host=True, sent={"Idempotency-Key": "one tap of a thumb"}).json() == {
            "ok": True
        }
    assert [party["message"] for party in console(line)["waiting"]] == ["Your table is ready", ""]
    assert "table is ready" not in str(public_view(line))
    assert public_view(line)["edited"] == {"1": 1}
    for wrong in ({}, {"text": 5}, {"text": "x" * 10_000}):
        refused(line.post("message-party", {"partyId": ben, **wrong}, host=True), 400, "text")
    refused(line.post("message-party", {**body, "partyId": NOBODY}, host=True), 404)
    assert line.host("message-party", {"partyId": ada, "text": ""}) == {"ok": True}
    assert [party["message"] for party in console(line)["waiting"]] == ["", ""]


def test_a_party_moves_behind_another_that_waits(line: Line) -> None:
    ids = {name: line.join(name)["partyId"] for name in ("Ada", "Ben", "Cem")}
    assert line.host("move-behind", {"partyId": ids["Ada"], "otherId": ids["Cem"]}) == {"ok": True}
    assert names(line) == ["Ben", "Cem", "Ada"]
    line.post("leave", {"partyId": ids["Cem"]})
    answer = line.post("move-behind", {"partyId": ids["Ben"], "otherId": ids["Cem"]}, host=True)
    assert refused(answer, 409) == "#3 has left now. Nothing was done."
    assert names(line) == ["Ben", "Ada"]


def test_a_wait_set_by_hand_is_told_to_new_guests(line: Line) -> None:
    line.join("Ada")
    wait: dict[str, Any] = {"lowMs": 1_800_000, "highMs": 2_700_000}
    assert line.host("wait", {**wait, "minutes": 15}) == {"ok": True}
    view = public_view(line)
    assert (view["joinLowMs"], view["joinHighMs"]) == (1_800_000, 2_700_000)
    assert console(line)["wait"] == {**wait, "until": console(line)["wait"]["until"]}
    assert line.join("Ben")["estimatedWaitMs"] == 2_250_000
    assert public_view(line)["promised"].keys() == {"2"}
    assert line.host("clear-wait", {}) == {"ok": True}
    assert console(line)["wait"] is None
    refused(line.post("wait", {"lowMs": 2, "highMs": 1}, host=True), 400, "highMs")
    refused(line.post("wait", {**wait, "minutes": 1}, host=True), 400, "minutes")


def test_guests_read_why_a_line_is_paused(line: Line) -> None:
    assert line.host("pause", {"reason": "Back at nine"}) == {"ok": True}
    assert public_view(line)["pauseReason"] == console(line)["pauseReason"] == "Back at nine"
    assert line.host("pause", {}) == {"ok": True}
    assert public_view(line)["pauseReason"] == "Back at nine"
    line.host("resume", {})
    assert "pauseReason" not in public_view(line)
    refused(line.post("pause", {"reason": "x" * 201}, host=True), 400, "reason")


def test_a_full_line_says_so_and_takes_a_walk_in_that_says_so(stack: Stack) -> None:
    line = Line.open(stack, maxGuests=2)
    line.join("Ada", size=2)
    assert console(line)["full"] is True
    refused(line.post("walk-in", {"name": "Wes"}, host=True), 409)
    assert line.host("walk-in", {"name": "Wes", "overCapacity": True})["ticket"] == 2


def test_undo_takes_back_what_the_clock_did(line: Line) -> None:
    ada = line.join("Ada")["partyId"]
    line.host("advance")
    line.sql("UPDATE queues_party SET call_deadline = now() - interval '1 s' WHERE id = %s", ada)
    wait_until(lambda: guest_view(line, ada)["type"] == "removed", what="the no-show")
    assert line.host("undo", {})["action"] == "no_show"
    assert guest_view(line, ada)["type"] == "called"
    assert line.host("undo", {})["action"] == "advance"
    assert guest_view(line, ada)["type"] == "position"


@pytest.mark.parametrize("action", ["message-party", "move-behind", "wait", "clear-wait"])
def test_only_the_host_of_this_line_does_either(line: Line, other: Line, action: str) -> None:
    assert line.post(action, {}).status_code == 401
    assert line.post(action, {}, sent={"x-host-auth": other.token}).status_code == 403
