"""The host's pages of a poll over HTTP without any script: every button, and who may press it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from core import clock
from outbox.models import Event
from polls import commands
from polls.models import OneTimeCode, Poll
from queues import commands as line_commands
from tests.page_client import page, signed_in
from tests.polls.database_polls import counts, made, over
from tests.polls.page_client import POLL_FORM, poll_by_form, press, vote, vote_state
from tests.queues.page_client import join, line_by_form
from venues import commands as venue_commands
from venues.models import Membership, User

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
# How pages say of a poll that it is open.
SHOWN_AS_OPEN = r"tag-ok[^>]*>(open|Voting is open)<|>\s*[Oo]pen\s*</span>"


# --------------------------------------------------------------------------------------------------------------- running
@pytest.mark.thorough
def test_the_host_runs_a_poll_by_forms_alone(host: Client) -> None:
    poll = poll_by_form(host, open_now="no")
    draft = page(host, f"/polls/{poll.code}/host")
    assert ">draft</span>" in draft and "Reset" not in draft
    assert "votes are counted from now on" in press(host, poll, "open")
    voter = Client()
    vote(voter, poll, 1)
    html = page(host, f"/polls/{poll.code}/host")
    assert "<strong data-ballots>1</strong>" in html and f"/api/polls/{poll.pk}/export?format=csv" in html
    assert f"http://testserver/vote/{poll.code}" in html and f"/vote/{poll.code}/results" in html
    closed = press(host, poll, "close")
    root = Poll.objects.get(pk=poll.pk).root
    assert "the result stands" in closed and root in closed and "A fingerprint of all ballots" in closed
    assert "notice-error" in press(host, poll, "open"), "closed is closed"
    assert vote_state(page(voter, f"/vote/{poll.code}/own")) == "counted"
    assert "thrown away" in press(host, poll, "reset")
    assert vote_state(page(voter, f"/vote/{poll.code}/own")) == "form" and counts(poll) == [0, 0, 0]
    assert "“Which dessert?” was deleted." in press(host, poll, "delete")
    assert not Poll.objects.exists()
    assert host.get(f"/polls/{poll.code}/host").status_code == 404
    assert host.post(f"/polls/{poll_by_form(host).code}/host/dance").status_code == 404


@pytest.mark.thorough
def test_no_page_calls_a_poll_open_that_is_early_over_or_a_draft(host: Client) -> None:
    """By the clock, swept or not: lists, the host's page, the wall, the voting page, the console and staff's admin."""
    owner = signed_in("owner", venue := venue_commands.create_venue(name="Bella", timezone_name="UTC"))
    line = line_by_form(owner)
    staff = Client()
    staff.force_login(User.objects.create_superuser("boss@example.com", "long enough"), BACKEND)
    for phase in ("draft", "early", "over", "open"):
        more = {"open_now": "no"} if phase == "draft" else {"starts_in": "2"} if phase == "early" else {}
        free = poll_by_form(host, **more)
        ours = poll_by_form(owner, venue=str(venue.pk), **more)
        lines = poll_by_form(owner, f"/polls/new?line={line.code}", **more)
        polls = [free, ours, lines]
        if phase == "over":
            for poll in polls:
                over(poll)
        shown = [
            page(host, "/"),
            page(owner, "/lines"),
            # Without whether guests can join the line.
            re.sub(r'data-part="state".*?</span></span>', "", page(owner, f"/queue/{line.code}/host"), flags=re.S),
            *[page(owner if poll is not free else host, f"/polls/{poll.code}/host") for poll in polls],
            *[page(Client(), f"/vote/{poll.code}/results") for poll in polls],
            page(staff, "/admin/polls/poll/"),
        ]
        closable = "Close the poll" in page(staff, f"/admin/polls/poll/{free.pk}/change/")
        assert closable == (phase in {"early", "open"}), phase
        says_open = [bool(re.search(SHOWN_AS_OPEN, html)) for html in shown]
        expected = [phase == "open"] * len(shown)
        expected[0] = False  # it says nothing of an open one
        assert says_open == expected, phase
        assert [vote_state(page(Client(), f"/vote/{free.code}"))] == [
            {"over": "closed", "open": "form"}.get(phase, phase)
        ]
        listed = f"/polls/{free.code}/host" in shown[0]
        assert listed == (phase != "over")
        for poll in polls:
            press(host if poll is free else owner, poll, "delete")


@pytest.mark.thorough
@pytest.mark.parametrize("swept", [True, False])
def test_a_poll_whose_end_is_past_is_started_again_with_another_end_or_none(*, swept: bool, host: Client) -> None:
    for fields, lasts in (({"ends_in": "2", "ends_unit": "60"}, timedelta(hours=2)), ({"ends_unit": "1"}, None)):
        poll = poll_by_form(host, ends_in="60")
        vote(Client(), poll, 1)
        over(poll)
        if swept:
            assert commands.close_if_over(poll.pk)
        form = page(host, f"/polls/{poll.code}/host")
        assert 'name="ends_in"' in form and "Its end is past" in form
        assert "notice-error" in press(host, poll, "reset"), "a page made before its end"
        assert "At most seven days" in press(host, poll, "reset", ends_in="200", ends_unit="60")
        assert "whole number" in press(host, poll, "reset", ends_in="soon", ends_unit="60")
        assert counts(poll) == [0, 1, 0], "nothing is deleted by what is refused"
        assert "thrown away" in press(host, poll, "reset", **fields)
        poll.refresh_from_db()
        left = poll.ends_at - clock.now() if poll.ends_at else None
        assert (left is None) if lasts is None else left and timedelta(0) <= lasts - left < timedelta(minutes=1)
        assert counts(poll) == [0, 0, 0] and vote_state(page(Client(), f"/vote/{poll.code}")) == "form"
        assert 'name="ends_in"' not in page(host, f"/polls/{poll.code}/host")


def test_a_draft_is_edited_and_an_open_poll_is_not(host: Client) -> None:
    poll = poll_by_form(host, open_now="no", several="several", max_picks="2", ends_in="90")
    form = page(host, f"/polls/{poll.code}/host/edit")
    assert 'value="Flan"' in form and 'value="90"' in form and re.search(r'name="max_picks" value="2"', form)
    fields = {**POLL_FORM, "title": "Which cheese?", "choices": ["Brie", "Feta"]}
    assert host.post(f"/polls/{poll.code}/host/edit", fields)["Location"] == f"/polls/{poll.code}/host"
    html = page(host, f"/polls/{poll.code}/host")
    assert "Which cheese?" in html and "Feta" in html and "Flan" not in html
    answer = host.post(f"/polls/{poll.code}/host/edit", {**fields, "choices": ["Brie"]})
    assert answer.status_code == 400 and "at least two" in answer.content.decode()
    press(host, poll, "open")
    answer = host.post(f"/polls/{poll.code}/host/edit", {**fields, "title": "Sneaky"})
    assert answer.status_code == 400 and "Only a draft can be edited." in answer.content.decode()
    assert host.get(f"/polls/{poll.code}/host/edit")["Location"] == f"/polls/{poll.code}/host"
    assert Poll.objects.get(pk=poll.pk).title == "Which cheese?"


def test_what_the_form_does_not_ask_stays_in_an_edited_draft(host: Client) -> None:
    poll = poll_by_form(host, open_now="no")
    begins = clock.now() + timedelta(days=1)
    Poll.objects.filter(pk=poll.pk).update(starts_at=begins, min_picks=2, max_picks=2, shards=5)
    host.post(
        f"/polls/{poll.code}/host/edit",
        {**POLL_FORM, "several": "several", "max_picks": "3", "starts_in": "24", "starts_unit": "60"},
    )
    edited = Poll.objects.get(pk=poll.pk)
    assert (edited.starts_at, edited.min_picks, edited.max_picks, edited.shards) == (begins, 2, 3, 5)


def test_a_draft_whose_end_is_over_is_not_opened_to_be_closed_at_once(host: Client) -> None:
    poll = poll_by_form(host, open_now="no", ends_in="5")
    over(poll)
    assert "the end of this poll is past" in press(host, poll, "open")
    assert Poll.objects.get(pk=poll.pk).status == "draft"


@pytest.mark.thorough
def test_codes_are_made_and_shown_this_once(host: Client) -> None:
    poll = poll_by_form(host, dedupe="code")
    answer = host.post(f"/polls/{poll.code}/host/codes", {"count": "12"})
    made_codes = re.findall(r">([A-Z2-9]{4}-[A-Z2-9]{4})<", answer.content.decode())
    assert answer.status_code == 200 and len(set(made_codes)) == 12 and "no-store" in answer["Cache-Control"]
    vote(Client(), poll, 1, code=made_codes[0])
    html = page(host, f"/polls/{poll.code}/host")
    assert "12 codes made so far" in html and made_codes[1] not in html
    for wrong in ("0", "1001", "many", "", "1\x00"):
        answer = host.post(f"/polls/{poll.code}/host/codes", {"count": wrong}, follow=True)
        assert "How many codes" in answer.content.decode()
    other = poll_by_form(host)
    answer = host.post(f"/polls/{other.code}/host/codes", {"count": "1"}, follow=True)
    assert "does not ask for codes" in answer.content.decode()
    assert OneTimeCode.objects.count() == 12


# ----------------------------------------------------------------------------------------------------------------- lines
@pytest.mark.thorough
def test_a_line_asks_its_people(host: Client) -> None:
    line = line_by_form(host)
    assert f"/polls/new?line={line.code}" in page(host, f"/queue/{line.code}/host")
    form = page(host, f"/polls/new?line={line.code}")
    assert 'name="dedupe"' not in form and "Friday dinner" in form
    poll = poll_by_form(host, f"/polls/new?line={line.code}", dedupe="token")
    assert (poll.queue, poll.dedupe) == (line, "ticket")
    assert f"/polls/{poll.code}/host" in page(host, f"/queue/{line.code}/host")
    draft = poll_by_form(host, f"/polls/new?line={line.code}", open_now="no", title="Not yet")
    guest = Client()
    join(guest, line)
    assert "Not yet" not in page(guest, f"/queue/{line.code}/ticket"), "a draft is not on tickets"
    host.post(f"/polls/{draft.code}/host/edit", {**POLL_FORM, "title": "Soon"})
    assert Poll.objects.get(pk=draft.pk).dedupe == "ticket"
    line_commands.close(line.code)
    answer = host.get(f"/polls/new?line={line.code}", follow=True)
    assert "nobody in it to ask" in answer.content.decode()


def test_only_hosts_of_the_line_ask_its_people(host: Client) -> None:
    line = line_by_form(host)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(f"/polls/new?line={line.code}")
        assert (answer.status_code, answer.get("Location", "")[:9]) in {(302, "/sign-in?"), (403, "")}
    assert host.get("/polls/new?line=ZZZZZZ").status_code == 404
    assert host.get("/polls/new?line=%00").status_code == 404
    assert not Poll.objects.exists()


def test_another_host_of_the_line_runs_its_poll(host: Client) -> None:
    line = line_by_form(host)
    poll = poll_by_form(host, f"/polls/new?line={line.code}")
    colleague = Client()
    colleague.cookies["queue_host_auth"] = host.cookies["queue_host_auth"].value
    hidden = poll_by_form(host, f"/polls/new?line={line.code}", visibility="host_only")
    assert "data-ballots" in page(colleague, f"/polls/{hidden.code}/host")
    api = colleague.get(f"/api/polls/{hidden.pk}/results")
    assert not api.json()["hidden"], "what the page shows, its script must get, or it would load the page for ever"
    press(colleague, poll, "close")
    assert Poll.objects.get(pk=poll.pk).status == "closed"


# --------------------------------------------------------------------------------------------------------------- persons
PAGES = ("", "/edit")
BUTTONS = ("open", "close", "reset", "delete", "codes", "edit")


def test_strangers_and_other_hosts_get_no_page_and_press_no_button(host: Client) -> None:
    poll = poll_by_form(host, title="Canary")
    other = Client()
    poll_by_form(other)
    other.cookies[f"poll_host_{poll.code}"] = next(
        each.value for name, each in other.cookies.items() if name.startswith("poll_host_")
    )
    for browser in (Client(), other):
        for path in PAGES:
            answer = browser.get(f"/polls/{poll.code}/host{path}")
            assert answer["Location"] == f"/sign-in?next=/polls/{poll.code}/host{path}"
        for action in BUTTONS:
            answer = browser.post(f"/polls/{poll.code}/host/{action}", {**POLL_FORM, "count": "3"})
            assert answer.status_code == 403 and "Canary" not in answer.content.decode()
    assert Poll.objects.get(pk=poll.pk).version == poll.version


@pytest.mark.thorough
def test_a_member_makes_and_runs_the_venues_polls_and_is_named_an_outsider_does_not() -> None:
    venue, elsewhere = (
        venue_commands.create_venue(name="Casa Azul", timezone_name="UTC"),
        venue_commands.create_venue(name="Casa Roja", timezone_name="UTC"),
    )
    member, outsider = signed_in("ana", venue), signed_in("eve", elsewhere)
    poll = poll_by_form(member, venue=str(venue.pk))
    assert poll.venue == venue and f"poll_host_{poll.code}" not in member.cookies
    assert "Which dessert?" in page(member, "/lines")
    press(member, poll, "close")
    ana = User.objects.get(email="ana@example.com")
    assert set(Event.objects.filter(stream_id=poll.pk).values_list("actor_user", flat=True)) == {ana.pk}

    assert outsider.get(f"/polls/{poll.code}/host").status_code == 403
    for action in BUTTONS:
        assert outsider.post(f"/polls/{poll.code}/host/{action}", {**POLL_FORM, "count": "3"}).status_code == 403
    answer = outsider.post("/polls/new", {**POLL_FORM, "key": str(uuid4()), "venue": str(venue.pk)})
    assert answer.status_code == 400, "no venue of theirs"
    assert "Which dessert?" not in page(outsider, "/lines")
    Membership.objects.all().delete()
    assert member.get(f"/polls/{poll.code}/host").status_code == 403


def test_a_person_of_several_venues_chooses_and_one_without_any_makes_their_own() -> None:
    venues = [venue_commands.create_venue(name=name, timezone_name="UTC") for name in ("Casa Azul", "Casa Roja")]
    both = signed_in("ana", *venues)
    assert "<select" in page(both, "/polls/new").split('name="venue"')[0][-20:]
    assert poll_by_form(both, venue=str(venues[1].pk)).venue == venues[1]
    alone = signed_in("eve")
    poll = poll_by_form(alone)
    assert poll.venue is None and "Which dessert?" in page(alone, f"/polls/{poll.code}/host")


def test_no_form_is_taken_without_its_proof() -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/polls/new", {**POLL_FORM, "key": str(uuid4())}).status_code == 403
    poll = made()
    for path in ("open", "close", "reset", "delete", "codes", "edit"):
        assert browser.post(f"/polls/{poll.code}/host/{path}").status_code == 403
    assert browser.post(f"/vote/{poll.code}/receipt").status_code == 403
    assert Poll.objects.get(pk=poll.pk).version == poll.version


def test_times_are_told_in_the_venues_zone() -> None:
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="Asia/Tokyo")
    poll = commands.create(
        commands.NewPoll(title="?", choices=["a", "b"], ends_at=clock.now() + timedelta(hours=1)),
        venue=venue, open_now=True,
    )  # fmt: skip
    assert "JST</time>" in page(Client(), f"/vote/{poll.code}")
