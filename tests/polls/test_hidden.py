"""Hidden results are hidden on every path, and shown to those who may see them (B8)."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core import clock
from polls import commands
from polls.models import Poll
from tests.polls.api_client import JSON, Maker, refused
from tests.polls.database_polls import HOUR
from venues import commands as venue_commands
from venues.models import Venue

pytestmark = pytest.mark.django_db

SEEN = {  # (stranger, voter, host) while open, and once closed
    "always": ("yes", "yes", "yes", "yes", "yes", "yes"),
    "after_voting": ("no", "yes", "yes", "yes", "yes", "yes"),
    "after_close": ("no", "no", "yes", "yes", "yes", "yes"),
    "host_only": ("no", "no", "yes", "no", "no", "yes"),
}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("visibility", "ending"),
    [
        ("always", "closed"),
        ("after_voting", "over"),
        ("after_close", "closed"),
        ("after_close", "over"),
        ("host_only", "closed"),
    ],
)
def test_hidden_counts_are_hidden_on_every_path(visibility: str, ending: str) -> None:
    maker, voter = Maker(visibility=visibility), Client()
    for n in range(7):
        maker.vote(1, client=voter if n == 0 else None)
    found = []
    for closed in (False, True):
        if closed and ending == "closed":
            maker.act("close")
        elif closed:
            Poll.objects.filter(pk=maker.made["id"]).update(ends_at=clock.now() - HOUR)
        for client in (Client(), voter, maker.client):
            views = [maker.results(client), export(maker, client, "json").json()]
            numbers = [{choice.get("count", choice.get("voteCount")) for choice in view["choices"]} for view in views]
            assert numbers in ([{None}] * 2, [{0, 7}] * 2)
            shown = numbers[0] != {None}
            assert [views[0]["hidden"], views[0]["ballots"] is None, views[1]["totalVotes"] is None] == [not shown] * 3
            assert ("7" in export(maker, client, "csv").content.decode()) == shown
            found.append("yes" if shown else "no")
        assert export(maker, Client(), "image").status_code == 200
        for path in ("", "/results"):
            old = Client().get(f"/poll/{maker.made['id']}{path}").json()
            assert {choice["count"] for choice in old["choices"].values()} == ({0, 7} if found[-3] == "yes" else {None})
            assert found[-3] == "yes" or not old.get("shardStates")
    assert tuple(found) == SEEN[visibility]


def export(maker: Maker, client: Client, kind: str) -> Any:
    return client.get(f"/api/vote/{maker.made['id']}/export", {"format": kind})


def test_a_wrong_host_token_is_refused_not_ignored() -> None:
    maker, other = Maker(visibility="host_only"), Maker()
    headers = {"x-host-auth": other.made["hostToken"]}
    refused(Client().get(f"{maker.url}/results", headers=headers), 403)
    assert not maker.results(None, **{"x-host-auth": maker.made["hostToken"]})["hidden"]


@pytest.mark.thorough
def test_voters_by_address_see_results_after_voting_and_staff_of_the_venue_always() -> None:
    venue: Venue = venue_commands.create_venue(name="Blue Door", timezone_name="UTC")
    people = {
        name: venue_commands.create_host(email=f"{name}@example.com", venue=at, password="a-long-password")
        for name, at in (("ours", venue), ("theirs", venue_commands.create_venue(name="Red Door", timezone_name="UTC")))
    }
    new = commands.NewPoll(title="?", choices=["a", "b"], visibility="after_voting", dedupe="address")
    poll = commands.create(new, venue=venue, open_now=True)
    url = f"/api/polls/{poll.pk}"
    hidden = {}
    for name, user in people.items():
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        hidden[name] = client.get(f"{url}/results").json()["hidden"]
    assert hidden == {"ours": False, "theirs": True}
    assert Client().post(f"{url}/ballots", {"ballotId": str(uuid4()), "choices": [0]}, JSON).status_code == 201
    assert not Client().get(f"{url}/results").json()["hidden"]
    assert Client(REMOTE_ADDR="198.51.100.7").get(f"{url}/results").json()["hidden"]
