"""The report pages: who may see them, and what they show."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from core.tokens import host_token
from queues import commands
from queues.models import Queue
from tests.analytics.conftest import Watch, keep_facts
from venues import commands as venue_commands
from venues.models import Venue


def signed_in(venue: Venue, email: str = "host@nonna.example") -> Client:
    """A browser of a person of the venue."""
    client = Client()
    client.force_login(venue_commands.create_host(email=email, venue=venue, password="long enough 1"),
                       backend="django.contrib.auth.backends.ModelBackend")  # fmt: skip
    return client


@pytest.fixture
def paths(line: Queue, venue: Venue) -> list[str]:
    """Both pages."""
    return [f"/queue/{line.code}/report", f"/venues/{venue.pk}/report"]


def test_a_stranger_is_asked_to_sign_in(paths: list[str]) -> None:
    for path in paths:
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].endswith(f"?next={path}")


def test_people_of_another_venue_are_refused(paths: list[str]) -> None:
    other = venue_commands.create_venue(name="Elsewhere", timezone_name="UTC")
    client = signed_in(other, "host@elsewhere.example")
    assert [client.get(path).status_code for path in paths] == [403, 403]


def test_people_of_the_venue_see_both(paths: list[str], venue: Venue) -> None:
    client = signed_in(venue)
    answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("no-store" in answer["Cache-Control"] for answer in answers)


def test_the_host_cookie_opens_its_line_alone(paths: list[str], line: Queue, new_line: Callable[..., Queue]) -> None:
    client = Client()
    client.cookies["queue_host_auth"] = host_token(line.pk)
    assert client.get(paths[0]).status_code == 200
    assert client.get(paths[1]).status_code == 302
    assert client.get(f"/queue/{new_line().code}/report").status_code == 302


def test_what_does_not_exist_is_not_found(venue: Venue) -> None:
    client = signed_in(venue)
    assert client.get("/queue/ZZZZZZ/report").status_code == 404
    assert client.get(f"/venues/{uuid4()}/report").status_code == 404
    assert client.post(f"/venues/{venue.pk}/report").status_code == 405


def test_an_empty_report_says_what_to_do(paths: list[str], venue: Venue) -> None:
    client = signed_in(venue)
    for path in paths:
        page = client.get(path).content.decode()
        assert "No party has joined" in page
        assert "<svg" not in page


def test_figures_bars_and_local_times_are_shown(watch: Watch, line: Queue, venue: Venue, paths: list[str]) -> None:
    party = commands.join(line.code, name="<b>Ada</b>", size=2).party
    watch.at(125)
    commands.join(line.code)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    client = signed_in(venue)
    for page in (client.get(path).content.decode() for path in (paths[0], f"{paths[1]}?from=2026-02-28&to=2026-02-28")):
        assert page.count("125 min") == 4  # the median, nine of ten, the error of the quote, the table of waits
        assert "18:00" in page and "20:00" in page
        assert page.count("<svg") == page.count("Figures as a table")
        assert "Ada" not in page
        # The pages' policy allows neither.
        assert "style=" not in page and "<script" not in page.split("<main")[1]
    assert "28 February 2026, 18:00" in client.get(paths[0]).content.decode()
    assert "The line through the evening" in client.get(paths[0]).content.decode()


def test_files_hold_a_row_per_party_and_no_name(watch: Watch, line: Queue, venue: Venue, paths: list[str]) -> None:
    party = commands.join(line.code, name="=Ada()", size=2).party
    watch.at(12.5)
    commands.join(line.code)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    client = signed_in(venue)
    for path in (f"{paths[0]}.csv", f"{paths[1]}.csv?from=2026-02-28&to=2026-02-28"):
        answer = client.get(path)
        assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
        assert answer.content.decode().splitlines() == [
            "line,joined,guests,quoted from (min),quoted to (min),waited (min),outcome",
            f"{line.code},2026-02-28 18:00,2,0.0,0.0,12.5,seated",
            f"{line.code},2026-02-28 18:12,1,2.1,3.9,,in line",
        ]
    assert [Client().get(f"{path}.csv").status_code for path in paths] == [302, 302]


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("from=2026-02-28", 200, "28 February 2026"),
        ("to=2026-02-28", 200, "from 22 February 2026 to 28 February 2026"),
        ("from=x", 400, "Dates look like"),
        ("from=2026-03-01&to=2026-02-01", 400, "comes after"),
        ("from=2020-01-01&to=2026-02-01", 400, "At most a year"),
        ("to=9999-12-31", 400, "Dates look like"),
        ("from=0001-01-01&to=0001-01-01", 400, "Dates look like"),
    ],
)
def test_days_are_chosen_by_the_query(watch: Watch, venue: Venue, query: str, status: int, text: str) -> None:
    answer = signed_in(venue).get(f"/venues/{venue.pk}/report?{query}")
    assert (answer.status_code, text in answer.content.decode()) == (status, True)
