"""The owner's page of guests, and what a host sees of a party's guest, without scripts."""

import pytest

from guests.models import Guest
from queues.models import Queue
from tests.config.whole_forms import whole_forms
from tests.guests.conftest import ANA, BEN, come
from tests.page_client import page
from tests.venues.people_of_venue import browser_of
from venues.models import Venue

pytestmark = pytest.mark.servers


@pytest.mark.thorough
def test_an_owner_switches_it_on_finds_a_guest_and_forgets_her(venue: Venue, line: Queue) -> None:
    owner = browser_of("owner")
    assert owner.post("/venue/guests/history", {"off": ""}).status_code == 303
    assert "Guest history is off" in page(owner, "/venue/guests")
    refused = owner.post("/venue/guests/history", {"months": "99"})
    assert refused.status_code == 400 and "At most 60" in refused.content.decode()
    assert not Venue.objects.get().guest_history
    assert owner.post("/venue/guests/history", {"months": "24"}).status_code == 303
    come(line, ANA, name="Ana")
    come(line, BEN, name="Ben", end="no_show")
    assert "1 visit, last on" in page(owner, "/venue/guests") and "1 no-show" in page(owner, "/venue/guests")
    found = owner.post("/venue/guests", {"words": "612 345"}).content.decode()
    assert ANA in found and BEN not in found
    assert owner.post("/venue/guests", {"words": ""}).status_code == 400
    ana = Guest.objects.get(number=ANA)
    for _ in range(2):
        assert owner.post(f"/venue/guests/{ana.pk}/forget").status_code == 303
    assert list(Guest.objects.values_list("number", flat=True)) == [BEN]
    assert owner.post("/venue/guests/history", {"off": ""}).status_code == 303
    assert not Guest.objects.exists()


def form_in(html: str) -> dict[str, list[str]]:
    """What stands in the form of the guest."""
    return next(each.fields for each in whole_forms(html, "/") if "notes" in each.fields)


@pytest.mark.thorough
def test_a_host_sees_and_changes_what_is_noted(line: Queue) -> None:
    come(line, ANA)
    party = come(line, ANA, end="")
    host, path = browser_of("host"), f"/queue/{line.code}/host/guest/{party.ticket}"
    assert path in page(host, f"/queue/{line.code}/host/party/{party.ticket}")
    shown = page(host, path)
    assert "1 visit, last on" in shown and ANA not in shown
    sent = {"notes": "Likes the window", "vip": "on", "not_welcome": "on", "saw": form_in(shown)["saw"][0]}
    assert host.post(path, sent).status_code == 303
    shown = page(host, path)
    assert "Likes the window" in shown and "VIP</span>" in shown and "not welcome</span>" in shown
    late = host.post(path, {**sent, "notes": "Mine"}, headers={"x-fragment": "1"})
    assert late.status_code == 409 and "you yourself changed this" in late.content.decode()
    assert host.post(path, {"notes": "\x07", "saw": form_in(shown)["saw"][0]}).status_code == 400
    assert Guest.objects.get().notes == "Likes the window"


@pytest.mark.thorough
def test_without_a_number_a_history_or_a_proof_there_is_nothing(line: Queue, venue: Venue) -> None:
    party = come(line, "", end="")
    host, path = browser_of("host"), f"/queue/{line.code}/host/guest/{party.ticket}"
    assert "gave no number" in page(host, path)
    assert host.get(f"/queue/{line.code}/host/guest/{10**12}").status_code == 404
    assert browser_of("").get(path).status_code == 302
    browser_of("owner").post("/venue/guests/history", {"off": ""})
    assert host.get(path).status_code == 404
    assert "guest/" not in page(host, f"/queue/{line.code}/host/party/{party.ticket}")
