"""What the queue API has beyond the contract: a message to all in line, and what may be changed of an open line."""

from typing import Any

import pytest

from tests.contracts.queueup import Line, public_view, refused


def test_a_message_stands_in_the_public_snapshot_until_it_is_taken_back(line: Line) -> None:
    assert public_view(line)["message"] is None
    assert line.host("message", {"text": " Soup is out "}) == {"ok": True}
    message = public_view(line)["message"]
    assert message["text"] == "Soup is out" and message["at"] > 1_700_000_000_000 and set(message) == {"text", "at"}
    assert line.host("message", {"text": ""}) == {"ok": True}
    assert public_view(line)["message"] is None


@pytest.mark.parametrize("body", [{}, {"text": 5}, {"text": "x" * 201}, {"text": "nul\x00"}])
def test_a_message_that_cannot_be_is_400(line: Line, body: dict[str, Any]) -> None:
    refused(line.post("message", body, host=True), 400, "text")
    assert public_view(line)["message"] is None


@pytest.mark.parametrize("action", ["message", "settings"])
def test_only_the_host_of_this_line_does_either(line: Line, other: Line, action: str) -> None:
    body = {"text": "Free soup", "maxGuests": 1}
    assert line.post(action, body).status_code == 401
    assert line.post(action, body, sent={"x-host-auth": other.token}).status_code == 403
    assert public_view(line)["message"] is None and public_view(line)["maxGuests"] != 1


def test_what_is_not_sent_stays_and_what_cannot_be_names_its_field(line: Line) -> None:
    assert line.host("settings", {"maxGuests": 12}) == {"ok": True}
    assert line.host("settings", {"eventName": "Late dinner", "location": "Terrace"}) == {"ok": True}
    assert public_view(line)["eventName"] == "Late dinner"
    assert public_view(line)["maxGuests"] == 12
    for body, field in (
        ({"maxGuests": 101}, "maxGuests"),
        ({"eventName": " "}, "eventName"),
        ({"location": 5}, "location"),
        ({"callWindowSeconds": 5}, "callWindowSeconds"),
        ({"openTime": "18:00", "closeTime": "17:00"}, "closeTime"),
        ({"closeTime": "25:00"}, "closeTime"),
    ):
        refused(line.post("settings", body, host=True), 400, field)
    assert public_view(line)["maxGuests"] == 12


def test_a_quote_of_the_hosts_own_has_two_ends(line: Line) -> None:
    ada = line.join("Ada")["partyId"]
    assert line.host("edit", {"partyId": ada, "quoteLowMs": 600_000, "quoteHighMs": 900_000}) == {"ok": True}
    refused(line.post("edit", {"partyId": ada, "quoteLowMs": 600_000}, host=True), 400, "quoteHighMs")
    refused(line.post("edit", {"partyId": ada, "quoteLowMs": 2, "quoteHighMs": 1}, host=True), 400, "quote")
