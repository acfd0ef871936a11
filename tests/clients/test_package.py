"""The package clients/python against the running program (decision 0087)."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from tallyline_client import Refused, Retries, Tallyline

from tests.clients.front import Front
from tests.installation import Stack


@pytest.fixture
def front(stack: Stack) -> Iterator[Front]:
    made = Front(stack.url())
    yield made
    made.close()


@pytest.fixture
def waits() -> list[float]:
    """Seconds that the client has waited before it tried again."""
    return []


@pytest.fixture
def api(front: Front, venue_key: str, waits: list[float]) -> Iterator[Tallyline]:
    """A program of a venue. It waits in no time."""
    with Tallyline(front.url, api_key=venue_key, retries=Retries(sleep=waits.append)) as made:
        yield made


# ------------------------------------------------------------------------------------------------------------- what it does
def test_a_line_from_the_first_guest_to_the_last(api: Tallyline, front: Front) -> None:
    line = api.lines.create_line({"eventName": "Friday", "maxGuests": 20})
    code = line["code"]
    ana = api.lines.join_line(code, {"name": "Ana", "size": 2})
    ben = api.lines.join_line(code, {"name": "Ben"})
    host = api.as_host(line["hostAuthToken"])
    called = host.lines.advance_line(code)["nowServing"]
    assert called is not None and called["name"] == "Ana"
    host.lines.seat_party(code, {"partyId": ana["partyId"]})
    with pytest.raises(Refused, match="404: This party is not in line") as refused:
        host.lines.seat_party(code, {"partyId": ana["partyId"]})
    assert refused.value.status == 404
    assert [party["name"] for party in host.lines.get_console(code)["waiting"]] == ["Ben"]
    public = Tallyline(front.url).lines.get_snapshot(code)
    assert public["type"] == "queue_update" and len(public["queue"]) == 1
    api.lines.leave_line(code, {"partyId": ben["partyId"]})
    assert api.lines.list_tables(code) == {"tables": []}


def test_a_poll_and_a_room(api: Tallyline) -> None:
    poll = api.polls.create_poll({"title": "Wine?", "choices": ["Red", "White"], "open": True})
    assert api.polls.cast_ballot(poll["id"], {"ballotId": str(uuid4()), "choices": [1]})["status"] == "counted"
    results = api.polls.get_results(poll["code"], cache="false")
    assert [choice["count"] for choice in results["choices"]] == [0, 1]
    picture = api.polls.export_results(poll["id"], format_="image")
    assert isinstance(picture, bytes) and picture.startswith(b"\x89PNG")
    table = api.polls.export_results(poll["id"], format_="csv")
    assert isinstance(table, str) and "White" in table
    api.as_host(poll["hostToken"]).polls.close_poll(poll["id"])
    with pytest.raises(Refused) as refused:
        api.polls.cast_ballot(poll["id"], {"ballotId": str(uuid4()), "choices": [0]})
    assert (refused.value.status, refused.value.code) == (409, "poll_closed")
    room = api.rooms.create_room({"title": "Live?"})
    assert api.rooms.add_participant(room["room"], {"name": "Ana"})["token"]


def test_webhooks_and_pages(api: Tallyline) -> None:
    hook = api.webhooks.create_webhook({"url": "https://till.example.com/"})
    assert hook["secret"].startswith("whsec_")
    assert hook["id"] in {each["id"] for each in api.webhooks.list_webhooks()["webhooks"]}
    for _ in range(2):
        assert api.webhooks.send_to_webhook(hook["id"])["taken"] is False  # the address does not exist
    assert [each["byHand"] for each in api.webhooks.all_webhook_deliveries(hook["id"])] == [True, True]
    api.webhooks.delete_webhook(hook["id"])
    with pytest.raises(Refused):
        api.webhooks.get_webhook(hook["id"])


def test_lists_page_by_page(api: Tallyline, front: Front) -> None:
    codes = [api.lines.create_line({"eventName": "Friday", "maxGuests": 20})["code"] for _ in range(3)]
    front.seen = []
    listed = api.lines.all_lines(limit=2, open=True)
    assert [next(listed)["code"] for _ in range(3)] == codes[::-1] and len(front.seen) == 2, "a page when it is needed"
    tickets = [api.lines.join_line(codes[0], {"name": name})["ticket"] for name in ("Ana", "Ben", "Eve")]
    host = api.as_host("none").lines
    with pytest.raises(Refused):
        host.list_parties(codes[0])
    assert [each["ticket"] for each in api.lines.all_parties(codes[0], limit=2)] == tickets
    assert not {each["id"] for each in api.events.list_events(limit=1)["events"]} - {
        each["id"] for each in api.events.all_events(limit=50)
    }


# -------------------------------------------------------------------------------------------------------------- bad evenings
def test_busy_is_asked_again_after_as_long_as_it_says(api: Tallyline, front: Front, waits: list[float]) -> None:
    front.plan = ["busy", "bare", "busy"]
    line = api.lines.create_line({"eventName": "Friday", "maxGuests": 20})
    assert line["code"] and waits[0] == waits[2] == 7.0 and 0 < waits[1] < 7
    assert len({each["idempotency-key"] for each in front.seen}) == 1 and len(front.seen) == 4
    front.plan = ["busy"] * 5
    with pytest.raises(Refused) as refused:
        api.lines.clear_wait(line["code"])
    assert (refused.value.status, refused.value.retry_after_s, len(front.seen)) == (503, 7.0, 9)


def test_a_wait_that_is_too_long_is_not_waited(front: Front, waits: list[float]) -> None:
    api = Tallyline(front.url, retries=Retries(longest_wait_s=5, sleep=waits.append))
    front.plan = ["busy"]
    with pytest.raises(Refused):
        api.push.get_vapid_key()
    assert waits == []


def test_a_lost_answer_makes_nothing_twice(api: Tallyline, front: Front) -> None:
    line = api.lines.create_line({"eventName": "Friday", "maxGuests": 20})
    front.plan, front.statuses = ["lost", "gateway"], []
    ana = api.lines.join_line(line["code"], {"name": "Ana"})
    assert front.statuses == [200, 200, 200]
    seen = api.as_host(line["hostAuthToken"]).lines.get_console(line["code"])
    assert [party["id"] for party in seen["waiting"]] == [ana["partyId"]]
    poll = api.polls.create_poll({"title": "Wine?", "choices": ["Red", "White"], "open": True})
    front.plan = ["lost"]
    assert api.polls.cast_ballot(poll["id"], {"ballotId": str(uuid4()), "choices": [1]})["receipt"]
    assert api.as_host(poll["hostToken"]).polls.count_ballots(poll["id"]) == {"ballots": 1}


def test_what_may_have_been_done_is_not_done_again(api: Tallyline, front: Front, waits: list[float]) -> None:
    line = api.lines.create_line({"eventName": "Friday", "maxGuests": 20})
    host = api.as_host(line["hostAuthToken"])
    front.plan = ["lost"]
    with pytest.raises(httpx.TransportError):
        host.lines.advance_line(line["code"])
    front.plan = ["gateway"]
    with pytest.raises(Refused, match="504: Gateway Timeout"):
        host.lines.advance_line(line["code"])
    assert waits == []


def test_an_unchanged_snapshot_is_a_304(api: Tallyline, front: Front) -> None:
    code = api.lines.create_line({"eventName": "Friday", "maxGuests": 20})["code"]
    front.statuses = []
    assert api.lines.get_snapshot(code) == api.lines.get_snapshot(code)
    api.lines.join_line(code, {"name": "Ana"})
    changed = api.lines.get_snapshot(code)
    assert changed["type"] == "queue_update" and len(changed["queue"]) == 1
    assert front.statuses == [200, 304, 200, 200]
