"""What pages of polls may never show, to whom, and what they never do."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from polls import commands
from polls.permissions import host_cookie
from tests.page_client import MARKUP, OPEN_RTL, page
from tests.polls.database_polls import ballot, cast, made
from tests.polls.page_client import line_poll, own_path, poll_by_form, press, vote, vote_path, vote_state
from tests.queues.page_client import join
from venues import commands as venue_commands
from venues.host_pages import HOSTED
from venues.proofs import Subject, token_for

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

NUMBERS = re.compile(r"data-count|data-percent|data-ballots|bar-fill|\d%")


# -------------------------------------------------------------------------------------------------------- hidden results
@pytest.mark.parametrize("visibility", ["after_voting", "after_close", "host_only"])
def test_hidden_results_stand_on_no_page_of_a_stranger(host: Client, voter: Client, visibility: str) -> None:
    poll = poll_by_form(host, visibility=visibility)
    vote(voter, poll, 1)
    for number in range(6):
        cast(ballot(poll, number, 2))
    for path in ("", "/own", "/own?change=1", "/results", "/receipt", "/results.json"):
        html = page(Client(), f"/vote/{poll.code}{path}")
        assert not NUMBERS.search(html) and '"count": 6' not in html, path
    assert '"count": null' in page(Client(), f"/vote/{poll.code}/results.json")
    mine = page(voter, own_path(poll))
    assert bool(NUMBERS.search(mine)) == (visibility == "after_voting")
    press(host, poll, "close")
    for path in ("", "/own", "/results"):
        assert bool(NUMBERS.search(page(Client(), f"/vote/{poll.code}{path}"))) == (visibility != "host_only")


@pytest.mark.parametrize("visibility", ["after_voting", "after_close", "host_only"])
@pytest.mark.parametrize("who", ["session", "cookie", "owner", "host", "staff"])
def test_pages_for_guests_show_a_host_what_they_show_guests(who: str, visibility: str) -> None:
    """The big screen is opened from the host's own browser."""
    venue = venue_commands.create_venue(name="Blue Door", timezone_name="UTC")
    new = commands.NewPoll(title="Which?", choices=["a", "b"], visibility=visibility, dedupe="token")
    poll = commands.create(new, venue=None if who in {"session", "cookie"} else venue, open_now=True)
    for number in range(6):
        cast(ballot(poll, number, 1))
    host = Client()
    if who == "session":
        host.cookies["sessionid"] = "new"
        session = host.session
        session[HOSTED] = [f"{poll.pk}:{poll.token_version}"]
        session.save()
        host.cookies["sessionid"] = str(session.session_key)
    elif who == "cookie":
        host.cookies[host_cookie(poll.code)] = token_for(Subject.of(poll))
    elif who == "staff":
        user = venue_commands.create_user(email="s@example.com", password=None, is_staff=True, is_superuser=True)
        host.force_login(user, "django.contrib.auth.backends.ModelBackend")
    else:
        user = venue_commands.create_host(email="h@example.com", venue=venue, role=who, password="a-long-password")
        host.force_login(user, "django.contrib.auth.backends.ModelBackend")
    if who != "staff":
        assert NUMBERS.search(page(host, f"/polls/{poll.code}/host"))
        assert '"count": 6' in json.dumps(host.get(f"/api/polls/{poll.pk}/results").json())
    for path in ("", "/own", "/own?change=1", "/results", "/receipt", "/results.json"):
        html = page(host, f"/vote/{poll.code}{path}")
        assert not NUMBERS.search(html) and '"count": 6' not in html, path
        if followed := re.search(r'data-(?:results|round)="([^"]+)"', html):
            # A public page asks without cookies (frontend/poll/results.ts).
            asker = Client() if "data-anonymous" in html else host
            assert asker.get(unescape(followed[1])).json()["hidden"], path
    link = re.compile(r"<nav .*?</nav>", re.DOTALL)
    walls = [link.sub("", page(client, f"/vote/{poll.code}/results")) for client in (host, Client())]
    assert walls[0] == walls[1]


def test_a_voter_whose_token_has_run_out_follows_the_result_on_the_pages(host: Client, voter: Client) -> None:
    poll = poll_by_form(host, visibility="after_voting")
    assert "/api/polls/" in vote(voter, poll, 1)
    del voter.cookies["voter_token"]
    html = page(voter, own_path(poll))
    assert vote_state(html) == "counted" and f'data-results="{vote_path(poll)}/results.json"' in html
    assert voter.get(f"{vote_path(poll)}/results.json").json()["choices"][1]["count"] == 1


@pytest.mark.parametrize("dedupe", ["code", "ticket"])
def test_a_voter_known_only_to_the_pages_follows_the_result_there(host: Client, voter: Client, dedupe: str) -> None:
    if dedupe == "ticket":
        line, poll = line_poll(host, visibility="after_voting")
        join(voter, line)
        vote(voter, poll, 1)
        del voter.cookies["voter_token"]
        html = page(voter, own_path(poll))
    else:
        poll = poll_by_form(host, visibility="after_voting", dedupe="code")
        html = vote(voter, poll, 1, code=commands.add_codes(poll.pk, count=1)[0])
    assert f'data-results="{vote_path(poll)}/results.json" data-stream=""' in html
    answer = voter.get(f"{vote_path(poll)}/results.json")
    assert answer.json()["choices"][1]["count"] == 1 and "no-store" in answer["Cache-Control"]
    assert Client().get(f"{vote_path(poll)}/results.json").json()["choices"][1]["count"] is None


# --------------------------------------------------------------------------------------------------- what pages never do
@pytest.mark.parametrize("text", [MARKUP, OPEN_RTL, "どのデザート？", "=1+1", "{{ title }}", "$x$"])
def test_titles_and_choices_are_shown_as_written_and_kept_apart(host: Client, voter: Client, text: str) -> None:
    poll = poll_by_form(host, title=text, choices=[text, "b"], description=f"{text}\nand more")
    shown = [
        page(voter, vote_path(poll)),
        page(voter, own_path(poll)),
        vote(voter, poll, 0),
        page(voter, f"/vote/{poll.code}/results"),
        page(voter, f"/vote/{poll.code}/receipt"),
        page(host, f"/polls/{poll.code}/host"),
    ]
    for html in shown:
        assert "<img src=x" not in html
        assert text in [unescape(each) for each in re.findall(r"<bdi[^>]*>(.*?)</bdi>", html, re.DOTALL)]
    assert "and more" in shown[0]


def test_no_page_is_stored_or_holds_scripts_or_ids_in_its_addresses(host: Client, voter: Client) -> None:
    poll = poll_by_form(host)
    vote(voter, poll, 1)
    own_ballot = voter.cookies[f"ballot_{poll.code}"].value
    for client, path in (
        (voter, f"/vote/{poll.code}"), (voter, own_path(poll)), (Client(), own_path(poll)), (voter, f"/vote/{poll.code}/receipt"),
        (voter, f"/vote/{poll.code}/results"), (host, f"/polls/{poll.code}/host"), (host, "/polls/new"), (host, "/"),
    ):  # fmt: skip
        answer = client.get(path)
        html = answer.content.decode()
        assert ("public" if path == vote_path(poll) else "no-store") in answer["Cache-Control"], path
        for link in re.findall(r'(?:href|action|formaction|src)="([^"]*)"', html):
            assert own_ballot not in link, link
        assert not re.search(r"<script(?![^>]*(src=|application/json))|<style|\sstyle=|\son\w+=", html)
        assert "unsafe" not in answer["Content-Security-Policy"]
        forms = html.count("<form") - html.count('method="get"')
        assert html.count("csrfmiddlewaretoken") == (0 if path == vote_path(poll) else forms), path


def test_codes_lead_to_the_poll_in_any_case_and_unknown_ones_to_a_page(voter: Client) -> None:
    poll = made()
    assert voter.get(f"/vote/{poll.code.lower()}/results")["Location"] == f"/vote/{poll.code}/results"
    typed = f" {poll.code[:3].lower()} {poll.code[3:]}"
    assert voter.get("/queue", {"code": typed})["Location"] == f"/vote/{poll.code}"
    for path in ("/vote/ZZZZZZ", "/vote/ZZZZZZ/results", "/vote/ZZZZZZ/qr.svg", "/polls/ZZZZZZ/host"):
        assert "ZZZZZZ" in page(voter, path, 404)
    picture = voter.get(f"/vote/{poll.code}/qr.svg")
    assert picture["Content-Type"] == "image/svg+xml" and picture.content.startswith(b"<svg")


def test_the_wall_shows_the_way_to_vote_until_the_close(voter: Client) -> None:
    poll = made()
    vote(voter, poll, 1)
    wall = page(Client(), f"/vote/{poll.code}/results")
    assert (
        f"/vote/{poll.code}/qr.svg" in wall and "Voting is open" in wall and "<strong data-ballots>1</strong>" in wall
    )
    assert f'data-results="/api/polls/{poll.pk}/results"' in wall and f"/api/polls/{poll.pk}/stream" in wall
    commands.close(poll.pk)
    wall = page(Client(), f"/vote/{poll.code}/results")
    assert "qr.svg" not in wall and "Closed" in wall


def test_a_ballot_of_another_poll_proves_nothing_here(voter: Client) -> None:
    poll, other = made(visibility="after_voting"), made()
    vote(voter, other, 1)
    stolen = voter.cookies[f"ballot_{other.code}"].value
    stranger = Client()
    stranger.cookies[f"ballot_{poll.code}"] = stolen
    assert vote_state(page(stranger, own_path(poll))) == "form"
    assert "data-count" not in page(stranger, f"/vote/{poll.code}/results")
