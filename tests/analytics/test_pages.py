"""The report pages: who may see them, and what they show."""

import csv
import io
import re
from collections.abc import Callable
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.test import Client

from core.tokens import host_token
from queues import commands
from queues.models import Queue
from tests.analytics.conftest import Watch, keep_facts
from venues import commands as venue_commands
from venues.models import Venue


def signed_in(venue: Venue, email: str = "owner@nonna.example") -> Client:
    """A browser of an owner of the venue."""
    client = Client()
    client.force_login(venue_commands.create_host(email=email, venue=venue, password="long enough 1", role="owner"),
                       backend="django.contrib.auth.backends.ModelBackend")  # fmt: skip
    return client


@pytest.fixture
def paths(line: Queue, venue: Venue) -> list[str]:
    """Both pages."""
    return [f"/queue/{line.code}/report", f"/venue/reports?venue={venue.pk}"]


def test_a_stranger_is_asked_to_sign_in(paths: list[str]) -> None:
    for path in paths:
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].endswith(f"?next={quote(path)}")


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
    assert client.get(f"/venue/reports?venue={uuid4()}").status_code == 403
    assert client.post("/venue/reports").status_code == 405


@pytest.mark.parametrize("ending", ["", ".csv"])
def test_the_earlier_address_leads_to_the_same_days(ending: str, venue: Venue) -> None:
    client = signed_in(venue)
    answer = client.get(f"/venues/{venue.pk}/report{ending}?from=2026-02-22&to=2026-02-28")
    assert answer["Location"] == f"/venue/reports{ending}?venue={venue.pk}&first=2026-02-22&last=2026-02-28"
    assert client.get(answer["Location"]).status_code == 200


def test_an_empty_report_says_what_to_do(paths: list[str], venue: Venue) -> None:
    client = signed_in(venue)
    for path in paths:
        page = client.get(path).content.decode()
        assert "No party has joined" in page
        assert "<svg" not in page


@pytest.mark.thorough
def test_figures_bars_and_local_times_are_shown(watch: Watch, line: Queue, venue: Venue, paths: list[str]) -> None:
    party = commands.join(line.code, name="<b>Ada</b>", size=2).party
    watch.at(125)
    commands.join(line.code)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    client = signed_in(venue)
    shown = [client.get(path).content.decode() for path in (paths[0], f"{paths[1]}&first=2026-02-28&last=2026-02-28")]
    # The median, nine of ten, the error of the quote, the table of waits, and in four rows of quotes by either rules; of a venue
    # also both in three tables.
    assert [page.count("125 min") for page in shown] == [12, 18]
    for page in shown:
        assert "18:00" in page and "20:00" in page
        assert page.count("<svg") >= page.count("Figures as a table")
        assert "Ada" not in page
        # The pages' policy allows neither.
        assert "style=" not in page and "<script" not in page.split("<main")[1]
    assert "28 February 2026, 18:00" in shown[0]
    assert "The line through the evening" in shown[0]
    assert "Sat 28 February 2026" in shown[1]


@pytest.mark.thorough
def test_two_periods_stand_beside_each_other(watch: Watch, venue: Venue, new_line: Callable[..., Queue]) -> None:
    for minutes, parties in ((0, 2), (7 * 24 * 60, 3)):
        watch.at(minutes)
        line = new_line()
        for _ in range(parties):
            commands.join(line.code, size=2)
    keep_facts()
    page = signed_in(venue).get(f"/venue/reports?venue={venue.pk}&first=2026-03-07&last=2026-03-07").content.decode()
    row = "".join(page.split("Parties joined</th>")[1].split("</tr>")[0].split())
    assert row == '<tdclass="strong">3</td><td>2</td><tdclass="soft">+1(+50%)</td>'
    assert '<line class="beside"' in page
    alone = signed_in(venue, "other@nonna.example").get(f"/venue/reports?venue={venue.pk}&beside=none").content.decode()
    assert "Change</th>" in page and "Change</th>" not in alone


@pytest.mark.thorough
def test_files_hold_a_row_per_party_and_no_name(watch: Watch, line: Queue, venue: Venue, paths: list[str]) -> None:
    venue_commands.change_venue(venue_id=venue.pk, ask_after_min=1)
    party = commands.join(line.code, name="=Ada()", size=2).party
    watch.at(12.5)
    commands.join(line.code)
    commands.serve(line.code, party_id=party.pk)
    watch.at(13.5)
    assert commands.ask_about_visit(line.pk, party_id=party.pk)
    commands.answer_visit(line.pk, party_id=party.pk, answer=4, words="=Too loud")
    watch.at(12.5)
    keep_facts()
    client = signed_in(venue)
    for path in (paths[0], f"/venue/reports?venue={venue.pk}&first=2026-02-28&last=2026-02-28"):
        shown = client.get(path).content.decode()
        rows = re.findall(r"<tr><th scope=.row.>(All|Called [a-z ]+)</th>((?:<td[^>]*>[^<]*</td>){8})</tr>", shown)
        of_each = [(label, re.findall(r">([^<]*)</td>", cells)) for label, cells in rows]
        counts = ["1", "1", "4.0", "0", "0", "0", "1", "0"]  # asked, answered, average, and how many of each answer
        assert of_each == [("All", counts), ("Called later", counts)] and "=Too loud" in shown
    files = [f"{paths[0]}.csv", f"/venue/reports.csv?venue={venue.pk}&first=2026-02-28&last=2026-02-28"]
    for path, more in zip(files, ([], ["2026-02-28", ""]), strict=True):
        answer = client.get(path)
        assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
        header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert ",".join(header[len(more) :]) == (
            "line,joined,guests,quoted from (min),quoted to (min),waited (min),outcome,called after (min),quoted by,"
            "before: from (min),before: to (min),answer (1-5),words"
        )
        assert rows == [
            [*more, line.code, *row]
            for row in (
                [
                    "2026-02-28 18:00",
                    "2",
                    "0.0",
                    "0.0",
                    "12.5",
                    "seated",
                    "12.5",
                    "version 1",
                    "0.0",
                    "0.0",
                    "4",
                    "'=Too loud",
                ],
                ["2026-02-28 18:12", "1", "2.1", "3.9", "", "in line", "", "version 1", "2.1", "3.9", "", ""],
            )
        ]
    assert [Client().get(path).status_code for path in files] == [302, 302]


def test_days_are_chosen_by_the_query(watch: Watch, venue: Venue) -> None:
    client = signed_in(venue)
    right = client.get(f"/venue/reports?venue={venue.pk}&first=2026-02-22&last=2026-02-28")
    assert (right.status_code, "Sun 22 February 2026 to Sat 28 February 2026" in right.content.decode()) == (200, True)
    wrong = client.get(f"/venue/reports?venue={venue.pk}&first=x&last=2026-02-28")
    assert (wrong.status_code, "Write a date such as" in wrong.content.decode()) == (400, True)
    assert 'value="2026-02-28"' in wrong.content.decode(), "what was typed stays"
    file = client.get(f"/venue/reports.csv?venue={venue.pk}&first=x&last=2026-02-28")
    assert file["Location"] == f"/venue/reports?venue={venue.pk}&first=x&last=2026-02-28"
