"""Each time in the admin names its zone, and a typed time is read in the zone that is named (decision 0039)."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from polls.models import Poll
from tests.admin.conftest import Everything
from tests.admin.test_poll_actions import FORM
from venues import commands as venue_commands

# Hours of a week have the zone's name behind them: its abbreviation changes with the season.
UNNAMED = re.compile(r"\b\d\d:\d\d(?::\d\d)?\b(?!:|\s(?:UTC|P[SD]T)\b|[^()\n]*\((?:UTC|America/Los_Angeles)\))")
TIMES = {"starts_at_0": "2031-01-01", "starts_at_1": "18:00", "ends_at_0": "2031-01-01", "ends_at_1": "23:00"}


def text_of(client: Client, address: str) -> str:
    """What a person reads there."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)


@pytest.mark.thorough
@pytest.mark.django_db
def test_every_time_of_a_list_names_its_zone(everything: Everything, as_clerk: Client) -> None:
    told = 0
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if as_clerk.get(address).status_code == 403:
            continue
        text = text_of(as_clerk, address)
        told += len(re.findall(r"\b\d\d:\d\d", text))
        assert not UNNAMED.search(text), (address, UNNAMED.findall(text))
    assert told > 20


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        ("America/Los_Angeles", datetime(2031, 1, 2, 2, 0, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2031, 1, 1, 12, 15, tzinfo=UTC)),
        ("UTC", datetime(2031, 1, 1, 18, 0, tzinfo=UTC)),
    ],
)
def test_a_polls_times_are_typed_by_the_venues_clock(as_clerk: Client, zone: str, opens: datetime) -> None:
    venue = venue_commands.create_venue(name="Nopa", timezone_name=zone)
    assert "By the clock of the venue" in text_of(as_clerk, "/admin/polls/poll/add/")
    as_clerk.post("/admin/polls/poll/add/", {**FORM, **TIMES, "venue": str(venue.pk)})
    assert Poll.objects.get(venue=venue).starts_at == opens


@pytest.mark.django_db
def test_a_new_venues_zone_is_asked_for(as_boss: Client) -> None:
    answer = as_boss.post("/admin/venues/venue/add/", {"name": "Nopa"})
    assert answer.context["adminform"].form.errors["timezone"]
    form = as_boss.get("/admin/venues/venue/add/").context["adminform"].form
    assert not form["timezone"].value()
