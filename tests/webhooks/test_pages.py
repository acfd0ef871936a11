"""The owner's pages of webhooks, without scripts."""

import re

import pytest

from queues import commands as queue_commands
from queues.models import Queue
from tests.page_client import page
from tests.venues.people_of_venue import browser_of, venue_with_people
from tests.webhooks.conftest import open_line, work
from tests.webhooks.receiver import Receiver, Reply
from venues.models import Venue
from webhooks.models import Endpoint

KEY = {"key": "11111111-2222-4333-8444-555555555555"}


@pytest.fixture
def venue(transactional_db: None) -> Venue:
    return venue_with_people()


@pytest.fixture
def line(venue: Venue) -> Queue:
    return open_line(venue)


@pytest.fixture
def row(venue: Venue, line: Queue, receiver: Receiver) -> Endpoint:
    """A webhook as an owner's form makes it."""
    sent = {"url": receiver.url, "name": "Till", "events": ["party.joined"], **KEY}
    shown = browser_of("owner").post("/venue/webhooks", sent).content.decode()
    [secret] = set(re.findall(r"whsec_[\w+/=]{40,}", shown))
    receiver.secrets.append(secret)
    return Endpoint.objects.get()


def do(row: Endpoint, action: str, who: str = "owner", **sent: str) -> int:
    return browser_of(who).post(f"/venue/webhooks/{row.pk}/{action}", sent).status_code


@pytest.mark.thorough
def test_an_owner_adds_one_tests_it_and_sees_what_was_sent(row: Endpoint, line: Queue, receiver: Receiver) -> None:
    assert row.secret not in page(browser_of("owner"), "/venue/webhooks")
    assert do(row, "test") == 303
    queue_commands.join(line.pk, name="Ann")
    work()
    assert receiver.types() == ["webhook.test", "party.joined"]
    shown = page(browser_of("owner"), f"/venue/webhooks/{row.pk}")
    assert "HTTP 204" in shown and "by hand" in shown and row.secret not in shown and "Ann" not in shown
    assert do(row, "send-again", id=receiver.received[1].id) == 303
    assert receiver.received[2].body == receiver.received[1].body


@pytest.mark.thorough
def test_a_failing_one_is_shown_as_such_and_enabled_again(row: Endpoint, line: Queue, receiver: Receiver) -> None:
    receiver.reply = Reply(410)
    queue_commands.join(line.pk)
    work()
    assert "Disabled since" in page(browser_of("owner"), f"/venue/webhooks/{row.pk}")
    assert "disabled" in page(browser_of("owner"), "/venue/webhooks")
    receiver.reply = Reply()
    assert do(row, "enable") == 303
    work()
    assert receiver.types() == ["party.joined"]


@pytest.mark.thorough
def test_changed_replayed_rotated_and_removed(row: Endpoint, line: Queue, receiver: Receiver) -> None:
    owner, path = browser_of("owner"), f"/venue/webhooks/{row.pk}"
    assert owner.post(path, {"url": receiver.url, "name": "Kitchen"}).status_code == 303
    row.refresh_from_db()
    assert (row.name, row.events) == ("Kitchen", [])
    wrong = owner.post(path, {"url": "http://10.0.0.1/", "name": "Kitchen"})
    assert (wrong.status_code, "Must be an https address" in wrong.content.decode()) == (400, True)
    assert "url: " not in wrong.content.decode()
    queue_commands.join(line.pk)
    work()
    assert do(row, "replay", since="2020-01-01T00:00") == 303
    work()
    assert receiver.types() == ["party.joined", "line.opened", "party.joined"]
    assert do(row, "replay", since="nonsense") == 303
    fresh = owner.post(f"{path}/rotate").content.decode()
    row.refresh_from_db()
    assert row.secret in fresh
    assert do(row, "nonsense") == 404
    assert do(row, "remove") == 303
    assert owner.get(path).status_code == 404


@pytest.mark.thorough
def test_hosts_managers_and_owners_of_other_venues_do_not_get_there(row: Endpoint) -> None:
    venue_with_people_of_another_venue()
    for who in ("host", "manager"):
        assert browser_of(who).get("/venue/webhooks").status_code == 403
        assert do(row, "remove", who) == 403
    assert do(row, "remove", "stranger") == 404
    assert Endpoint.objects.exists()


def venue_with_people_of_another_venue() -> None:
    from venues import commands

    other = commands.create_venue(name="Red Door", timezone_name="Europe/Madrid")
    commands.create_host(email="stranger@example.com", venue=other, password="correct horse", role="owner")
