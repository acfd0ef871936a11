"""The voting page of a QR code is the same bytes for all who read one language (decision 0070): caches may give it to anyone."""

import gzip
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from core import clock
from polls import commands
from polls.models import Poll
from polls.permissions import host_cookie
from queues.places import cookie_of
from tests.page_client import page, signed_in
from tests.polls.database_polls import counts, made, over
from tests.polls.page_client import ballot_in, line_poll, own_path, vote, vote_path, vote_state
from tests.queues.page_client import join
from venues.models import User, Venue
from venues.proofs import Subject, token_for

pytestmark = pytest.mark.django_db

CANARY = "c4nary-of-a-visitor"


def visitors(poll: Poll, *, voted: Client | None = None) -> list[Client]:
    """A stranger, a voter, a host by cookie, one by their venue, staff; all but the first send what is theirs alone."""
    voter, host = voted or Client(), Client()
    host.cookies[host_cookie(poll.code)] = token_for(Subject.of(poll))
    member = signed_in(f"h{uuid4().hex}", *filter(None, [poll.venue]))
    staff = signed_in(f"s{uuid4().hex}")
    User.objects.filter(email__startswith="s").update(is_staff=True)
    for browser in (voter, host, member, staff):
        browser.cookies["csrftoken"] = CANARY * 2
        browser.cookies["browser_token"] = CANARY
        browser.cookies["messages"] = CANARY
        browser.cookies["place_ABCDEF"] = CANARY
    return [Client(), voter, host, member, staff]


def polls() -> dict[str, Poll]:
    """One in each phase, and of each kind whose page a voter's own would differ from."""
    closed, ended = made(), made()
    vote(Client(), closed, 1)
    commands.close(closed.pk)
    over(ended)
    venue = Venue.objects.create(name="Casa Azul", slug="casa-azul", timezone="Europe/Madrid")
    new = commands.NewPoll(title="Which?", choices=["a", "b"], visibility="after_voting", dedupe="token")
    _line, below = line_poll(Client())
    return {
        "draft": made(open_now=False),
        "early": made(starts_at=clock.now() + timedelta(hours=1)),
        "open": made(may_change=True),
        "of a venue, hidden until voted": commands.create(new, venue=venue, open_now=True),
        "hidden until closed": made(visibility="after_close"),
        "by address": made(dedupe="address", visibility="after_voting"),
        "by code": made(dedupe="code"),
        "of a line": below,
        "with work": made(work_bits=8),
        "closed": closed,
        "ended": ended,
    }


@pytest.mark.thorough
def test_everyone_gets_the_same_bytes_and_no_cookie(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for what, poll in polls().items():
        voter = Client()
        if what == "of a line":
            assert poll.queue
            voter.cookies[cookie_of(poll.queue.code)] = str(join(Client(), poll.queue).pk)
        if vote_state(page(Client(), vote_path(poll))) == "form" and poll.dedupe == "token" and not poll.work_bits:
            vote(voter, poll, 1)
        answers = [each.get(vote_path(poll)) for each in visitors(poll, voted=voter)]
        assert len({answer.content for answer in answers}) == 1, what
        for answer in answers:
            assert answer.status_code == 200 and not answer.cookies, what
            assert answer["Cache-Control"] == "public, no-cache"
            assert (answer["CDN-Cache-Control"], answer["X-Accel-Expires"]) == ("public, max-age=1", "1")
            assert {each.strip() for each in answer["Vary"].split(",")} == {"Accept-Language", "Accept-Encoding"}
            assert CANARY not in answer.content.decode() and "csrfmiddlewaretoken" not in answer.content.decode()
        own = [each.get(own_path(poll)) for each in visitors(poll)]
        assert all(each["Cache-Control"] == "no-store" and "X-Accel-Expires" not in each for each in own), what


@pytest.mark.thorough
def test_ballots_change_nothing_of_an_open_poll_s_page() -> None:
    for poll in (made(), made(visibility="after_voting")):
        before = Client().get(vote_path(poll))
        vote(Client(), poll, 1)
        assert Client().get(vote_path(poll))["ETag"] == before["ETag"]
        assert Client().get(vote_path(poll), headers={"If-None-Match": before["ETag"]}).status_code == 304
    commands.close(poll.pk)
    assert "data-percent>100%" in page(Client(), vote_path(poll)), "what does not change any more stands in it"


def test_each_change_of_the_poll_is_another_page() -> None:
    poll = made(open_now=False)
    told: dict[str, Any] = {"": commands.open_poll, "open": commands.close, "close": commands.reset}
    seen = set()
    for command in (lambda _: None, *told.values()):
        command(poll.pk)
        seen.add(Client().get(vote_path(poll))["ETag"])
    draft = made(open_now=False)
    for title in ("Which?", "Which one?"):
        commands.edit(draft.pk, commands.NewPoll(title=title, choices=["a", "b"]))
        seen.add(Client().get(vote_path(draft))["ETag"])
    assert len(seen) == 6


def test_it_is_kept_compressed_and_says_the_same(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    poll = made()
    plain = Client().get(vote_path(poll))
    packed = [Client().get(vote_path(poll), headers={"Accept-Encoding": "gzip, br"}) for _ in range(2)]
    assert packed[0].content == packed[1].content and gzip.decompress(packed[0].content) == plain.content
    assert packed[0]["ETag"] != plain["ETag"]
    unchanged = Client().get(vote_path(poll), headers={"Accept-Encoding": "gzip", "If-None-Match": packed[0]["ETag"]})
    # What nginx needs to keep it for another second.
    assert (unchanged.status_code, unchanged["X-Accel-Expires"], unchanged["ETag"]) == (304, "1", packed[0]["ETag"])
    settings.TRUSTED_PROXIES = 0
    assert "X-Accel-Expires" not in Client().get(vote_path(poll)) and "CDN-Cache-Control" not in Client().get(
        vote_path(poll)
    )


def test_it_is_written_in_the_reader_s_language() -> None:
    poll = made()
    answers = {
        asked: Client().get(vote_path(poll), headers={"Accept-Language": asked}) for asked in ("en", "es", "ja", "fr")
    }
    assert [answer["Content-Language"] for answer in answers.values()] == ["en", "es", "ja", "en-gb"]
    chosen = Client()
    chosen.cookies["language"] = "ja"
    assert chosen.get(vote_path(poll), headers={"Accept-Language": "es"}).content == answers["ja"].content


def test_a_form_of_an_older_release_s_page_still_votes() -> None:
    poll, voter = made(), Client()
    sent = {"ballot": ballot_in(page(voter, own_path(poll))), "choices": ["1"]}
    answer = voter.post(vote_path(poll), sent)
    assert (answer.status_code, answer["Location"]) == (307, own_path(poll))
    assert voter.post(answer["Location"], sent).status_code == 303 and counts(poll) == [0, 1, 0]


@pytest.mark.thorough
def test_without_scripts_it_leads_to_the_page_that_needs_none() -> None:
    for poll in polls().values():
        html = page(Client(), vote_path(poll))
        assert f'<meta http-equiv="refresh" content="0; url={own_path(poll)}">' in html
        if vote_state(html) == "form":
            assert f'<noscript><p class="notice"><a href="{own_path(poll)}">' in html
            assert "<fieldset data-fields disabled" in html, "until the script knows who votes"
