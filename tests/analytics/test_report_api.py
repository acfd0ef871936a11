"""GET /api/reports: the figures and the file of the page of reports, for a program with a key of the venue."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from analytics import reports
from analytics.periods import Period
from core.scopes import Scope
from queues import commands
from queues.models import Queue
from tests.analytics.conftest import Watch, keep_facts
from venues import commands as venue_commands
from venues.models import Membership, Venue

DAY = {"first": "2026-02-28", "last": "2026-02-28"}


@pytest.fixture
def key(venue: Venue) -> str:
    return venue_commands.create_api_key(venue=venue, name="sheet", scopes=[Scope.REPORTS])[1]


@pytest.fixture
def evening(watch: Watch, new_line: Callable[..., Queue]) -> None:
    """Two parties; one was seated after twelve minutes."""
    line = new_line()
    party = commands.join(line.code, name="Ada Lovelace", size=4).party
    commands.join(line.code, name="Grace Hopper", size=2)
    watch.at(12)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()


def ask(key: str, **query: str) -> Any:
    return Client().get("/api/reports", query, headers={"api-key": key})


def test_the_figures_are_those_of_the_page(venue: Venue, key: str, evening: None) -> None:
    answer = ask(key, **DAY).json()
    report = reports.of_venue(venue, Period(date(2026, 2, 28), date(2026, 2, 28)))
    total = answer["total"]
    assert (total["parties"], total["guests"], total["served"]) == (2, 6, 1)
    assert total["medianWaitMs"] == report.total.median_wait_ms == 12 * 60_000
    assert [(day["day"], day["figures"]["parties"]) for day in answer["days"]] == [("2026-02-28", 2)]
    assert [(hour["hour"], hour["figures"]["parties"]) for hour in answer["hours"]] == [(18, 2)]
    assert [(line["eventName"], line["figures"]) for line in answer["lines"]] == [("Saturday", total)]
    assert [(each["serviceId"], each["name"]) for each in answer["services"]] == [(None, "")]
    assert answer["zone"] == "America/New_York"


def test_the_file_is_the_one_of_the_page(venue: Venue, key: str, evening: None) -> None:
    owner = Client()
    person = venue_commands.create_host(email="owner@example.com", venue=venue, password=None, role="owner")
    assert Membership.objects.filter(user=person).exists()
    owner.force_login(person)
    page = owner.get("/venue/reports.csv", {"venue": str(venue.pk), **DAY})
    answer = ask(key, format="csv", **DAY)
    assert answer.content == page.content and answer["Content-Type"] == page["Content-Type"]
    assert "Ada" not in answer.content.decode()


@pytest.mark.thorough
def test_answers_after_visits_stand_by_how_right_the_quotes_were(
    watch: Watch, venue: Venue, key: str, new_line: Callable[..., Queue]
) -> None:
    venue_commands.change_venue(venue_id=venue.pk, ask_after_min=1)
    line = new_line()
    parties = [commands.join(line.code, size=2).party for _ in range(3)]
    for party, answer in zip(parties, (2, 5, None), strict=True):
        watch.at(12)
        commands.serve(line.code, party_id=party.pk)
        watch.at(13)
        assert commands.ask_about_visit(line.pk, party_id=party.pk)
        if answer:
            commands.answer_visit(line.pk, party_id=party.pk, answer=answer, words="Ada was loud")
    assert ask(key, **DAY).json()["answers"] == []
    keep_facts()
    answer = ask(key, **DAY)
    groups = {each["group"]: each for each in answer.json()["answers"]}
    assert groups["all"] == {"group": "all", "asked": 3, "answered": 2, "mean": 3.5, "counts": [0, 1, 0, 0, 1]}
    assert sum(each["asked"] for group, each in groups.items() if group != "all") == 3
    assert "Ada" not in answer.content.decode(), "their words are in the file"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"first": "yesterday", "last": "2026-02-28"}, "first"),
        ({"first": "2026-02-30", "last": "2026-03-01"}, "first"),
        ({"first": "2026-02-28"}, "last"),
        ({"last": "2026-02-28"}, "first"),
        ({"first": "2026-02-28", "last": "2026-02-27"}, "last"),
        ({"first": "2020-01-01", "last": "2026-02-27"}, "last"),
        ({"first": "0001-01-01", "last": "0001-01-02"}, "first"),
        ({"format": "xlsx"}, "format"),
    ],
)
def test_a_period_that_cannot_be_is_refused_by_its_name(
    watch: Watch, key: str, query: dict[str, str], field: str
) -> None:
    answer = ask(key, **query)
    assert answer.status_code == 400 and answer.json()["error"].startswith(f"{field}:"), answer.content


def test_without_days_it_is_the_last_seven_and_another_venue_sees_none_of_it(
    watch: Watch, venue: Venue, key: str, evening: None
) -> None:
    assert len(ask(key).json()["days"]) == 7 and ask(key).json()["total"]["parties"] == 2
    other = venue_commands.create_venue(name="Red Door", timezone_name="America/New_York")
    theirs = venue_commands.create_api_key(venue=other, name="sheet", scopes=[Scope.REPORTS])[1]
    assert ask(theirs).json()["total"]["parties"] == 0 and ask("").status_code == 401
