"""The host's console over HTTP without any script: every button, and who may press it."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.test import Client

from core import clock
from outbox.models import Event
from queues import commands
from queues.models import Party, Queue
from tests.page_client import page
from tests.queues.page_client import LINE_FORM, join, line_by_form, press
from venues import commands as venue_commands
from venues.models import Membership, User

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------------------------------------------------ the console
@pytest.mark.thorough
def test_the_host_runs_the_floor_by_forms_alone(host: Client) -> None:
    line = line_by_form(host)
    ana, ben = join(Client(), line, name="Ana"), join(Client(), line, name="Ben", size=5)

    console = page(host, f"/queue/{line.code}/host")
    assert "Call next" in console and "Ana" in console and "quoted" in console
    console = press(host, line, "call", party=ana.pk)
    assert "Undo: called #1" in console
    press(host, line, "call-again", party=ana.pk)
    press(host, line, "seat", party=ana.pk)
    assert "seated, just now" in press(host, line, "walk-in", name="Cleo", size=2, note="window", key=uuid4())
    cleo = line.parties.get(name="Cleo")
    assert cleo.walk_in and cleo.note == "window"
    press(host, line, "up", party=cleo.pk, place=2)
    assert cleo.rank > Party.objects.get(pk=cleo.pk).rank < ben.rank
    press(host, line, "down", party=cleo.pk, place=1)
    assert Party.objects.get(pk=cleo.pk).rank > ben.rank
    press(host, line, "edit", party=ben.pk, name="Benno", size=6, note="")
    assert Party.objects.get(pk=ben.pk).name == "Benno"
    press(host, line, "call", party=ben.pk)
    assert "no-show, just now" in press(host, line, "no-show", party=ben.pk)
    press(host, line, "put-back", party=ben.pk)
    assert Party.objects.get(pk=ben.pk).status == "waiting"
    press(host, line, "remove", party=ben.pk)
    assert "Paused" in press(host, line, "pause")
    press(host, line, "resume")
    assert "This line is closed" in press(host, line, "close")
    version = re.search(r'name="version" value="(\d+)"', page(host, f"/queue/{line.code}/host"))
    assert version
    assert "Undone: closed the line" in press(host, line, "undo", version=version[1])
    assert not Queue.objects.get(pk=line.pk).is_closed


@pytest.mark.thorough
def test_two_hosts_never_call_one_party_twice(host: Client) -> None:
    line = line_by_form(host)
    ana = join(Client(), line, name="Ana")
    join(Client(), line, name="Ben")
    press(host, line, "call", party=ana.pk)
    assert "not waiting any more" in press(host, line, "call", party=ana.pk)
    assert Party.objects.get(pk=ana.pk).call_count == 1
    assert line.parties.filter(status="called").count() == 1, "and no other party in her place"


@pytest.mark.thorough
def test_undo_takes_back_what_the_host_saw_and_nothing_newer(host: Client) -> None:
    line = line_by_form(host)
    ana = join(Client(), line, name="Ana")
    console = press(host, line, "call", party=ana.pk)
    seen = re.search(r'name="version" value="(\d+)"', console)
    assert seen
    commands.serve(line.code, party_id=ana.pk)  # by another host
    assert "Something else was done since" in press(host, line, "undo", version=seen[1])
    assert Party.objects.get(pk=ana.pk).status == "served"


@pytest.mark.thorough
@pytest.mark.parametrize("fields", [{}, {"party": "x"}, {"party": "\x00"}, {"party": str(uuid4())}])
@pytest.mark.parametrize("action", ["call", "call-again", "seat", "no-show", "remove", "put-back", "up", "edit"])
def test_a_button_that_cannot_be_is_a_message(host: Client, action: str, fields: dict[str, str]) -> None:
    line = line_by_form(host)
    before = Queue.objects.get(pk=line.pk).version
    assert "notice-error" in press(host, line, action, **fields)
    assert Queue.objects.get(pk=line.pk).version == before


def test_a_script_gets_the_list_and_the_refusals_status(host: Client) -> None:
    line = line_by_form(host)
    answer = host.post(f"/queue/{line.code}/host/seat", {"party": uuid4()}, headers={"x-fragment": "1"})
    html = answer.content.decode()
    assert answer.status_code == 404 and "notice-error" in html and "<html" not in html
    assert host.post(f"/queue/{line.code}/host/dance", headers={"x-fragment": "1"}).status_code == 404


@pytest.mark.thorough
def test_a_long_line_is_shown_in_parts(host: Client) -> None:
    line = line_by_form(host, max_guests="100")
    for number in range(63):
        commands.join(line.code, name=f"Party {number}", size=1)
    assert "and 3 more" in page(host, f"/queue/{line.code}/host")
    all_rows = page(host, f"/queue/{line.code}/host?show=120")
    assert "Party 62" in all_rows and "Show more" not in all_rows
    assert "and 3 more" in page(host, f"/queue/{line.code}/host?show=many")
    console = f"/queue/{line.code}/host"
    for show, kept in (("120", "?show=120"), ("9" * 5_000, ""), ("²", "")):  # int() fails at 4,300 digits
        assert host.post(f"{console}/call?show={show}").headers["Location"] == console + kept


def test_waits_and_quotes_stand_side_by_side(host: Client) -> None:
    line = line_by_form(host)
    party = join(Client(), line)
    Party.objects.filter(pk=party.pk).update(
        joined_at=clock.now() - timedelta(minutes=47), quote_low_ms=20 * 60_000, quote_high_ms=30 * 60_000
    )
    html = page(host, f"/queue/{line.code}/host")
    late = r'class="waits late"><span[^>]*>waited </span><span[^>]*>47 min</span>.*, quoted </span>20–30 min<'
    assert re.search(late, html)


# --------------------------------------------------------------------------------------------------------------- strangers
def test_a_foreign_host_sees_and_does_nothing(host: Client, line: Queue) -> None:
    line_by_form(host)
    party = join(Client(), line, name="Canary")
    answer = host.get(f"/queue/{line.code}/host")
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next=/queue/{line.code}/host")
    assert host.get(f"/queue/{line.code}/host/list", headers={"x-fragment": "1"}).status_code == 403
    for action in ("call", "seat", "remove", "close", "pause", "undo", "walk-in", "edit"):
        refused = host.post(f"/queue/{line.code}/host/{action}", {"party": party.pk})
        assert refused.status_code == 403 and "Canary" not in refused.content.decode()
    assert Queue.objects.get(pk=line.pk).version == 2


@pytest.mark.thorough
def test_members_run_the_venues_lines_and_are_named_in_the_log_outsiders_may_not() -> None:
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="Europe/Madrid")
    member, outsider = (User.objects.create_user(f"{name}@example.com", "long enough") for name in ("ana", "eve"))
    Membership.objects.create(venue=venue, user=member)
    browser = Client()
    browser.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    fields = {**LINE_FORM, "max_guests": "100000", "venue": str(venue.pk), "key": str(uuid4())}
    answer = browser.post("/lines", fields)
    assert answer.status_code == 303, answer.content.decode()
    line = Queue.objects.get(venue=venue)
    assert "queue_host_auth" not in browser.cookies, "what a member may do ends with the membership"
    assert line.event_name in page(browser, "/lines") and "100,000" in page(browser, "/lines")
    press(browser, line, "pause")
    assert {"host"} == set(event_actors(line)) and event_users(line) == {member.pk}

    stranger = Client()
    stranger.force_login(outsider, backend="django.contrib.auth.backends.ModelBackend")
    assert "hosts" in page(stranger, f"/queue/{line.code}/host", 403)
    assert stranger.post(f"/queue/{line.code}/host/resume").status_code == 403
    assert stranger.post("/lines", fields).status_code == 400, "no venue of theirs"
    assert "No venue yet" in page(stranger, "/lines")
    Membership.objects.all().delete()
    assert browser.get(f"/queue/{line.code}/host").status_code == 403


def event_actors(line: Queue) -> list[str]:
    """Who did what happened to the line."""
    return list(Event.objects.filter(stream_id=line.pk).values_list("actor", flat=True))


def event_users(line: Queue) -> set[int | None]:
    """Which people did."""
    return set(Event.objects.filter(stream_id=line.pk).values_list("actor_user", flat=True))


def test_open_lines_come_before_closed_ones() -> None:
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="UTC")
    member = User.objects.create_user("ana@example.com", "long enough")
    Membership.objects.create(venue=venue, user=member)
    first = commands.open_line(commands.NewLine(event_name="Open one", max_guests=9), venue=venue)
    second = commands.open_line(commands.NewLine(event_name="Closed one", max_guests=9), venue=venue)
    commands.close(second.code)
    browser = Client()
    browser.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    html = page(browser, "/lines")
    assert html.index(first.event_name) < html.index("Closed lines") < html.index(second.event_name)


def test_a_closed_line_of_the_list_says_when_it_began_by_the_clock_of_its_place() -> None:
    """Of a replay, when its evening began."""
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="America/Mexico_City")
    member = User.objects.create_user("ana@example.com", "long enough")
    Membership.objects.create(venue=venue, user=member)
    line = commands.open_line(commands.NewLine(event_name="Last night", max_guests=9), venue=venue)
    commands.mark_replay(line.code, time_scale=240)
    commands.close(line.code)
    opened = datetime(2026, 7, 4, 5, 0, tzinfo=UTC)
    Queue.objects.filter(pk=line.pk).update(opened_at=opened, closed_at=opened + timedelta(minutes=1))
    browser = Client()
    browser.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    assert "3 Jul, 19:01" in page(browser, "/lines")


def test_lines_are_for_people_who_signed_in(host: Client) -> None:
    assert host.get("/lines")["Location"] == "/sign-in?next=/lines"


def test_signing_in_takes_any_case_and_leads_only_to_our_own_pages() -> None:
    User.objects.create_user("ana@example.com", "long enough")
    fields = {"username": " Ana@Example.com", "password": "long enough"}
    assert Client().post("/sign-in", {**fields, "next": "https://evil.example/"})["Location"] == "/lines"
    browser = Client()
    assert browser.post("/sign-in", {**fields, "next": "/queue/ABCDEF/host"})["Location"] == "/queue/ABCDEF/host"
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out")["Location"] == "/"
    wrong = Client().post("/sign-in", {**fields, "password": "wrong"})
    assert "correct" in wrong.content.decode()


def test_a_client_that_guesses_passwords_is_locked_out_with_a_page() -> None:
    User.objects.create_user("ana@example.com", "long enough")
    browser = Client()
    fields = {"username": "ana@example.com", "password": "wrong"}
    answers = [browser.post("/sign-in", fields) for _ in range(django_settings.AXES_FAILURE_LIMIT)]
    assert answers[-1].status_code == 429
    assert "Too many wrong passwords" in answers[-1].content.decode()


def test_no_form_is_taken_without_its_proof(line: Queue) -> None:
    party = join(Client(), line)
    owner = User.objects.create_user("ana@example.com", "long enough")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    browser.cookies[f"place_{line.code}"] = str(party.pk)
    code = line.code
    for path in ("/", "/lines", "/sign-in", "/sign-out", f"/queue/{code}", f"/queue/{code}/nearby", f"/queue/{code}/leave",
                 f"/queue/{code}/restore", f"/queue/{code}/host/close"):  # fmt: skip
        refused = browser.post(path, {**LINE_FORM, "place": party.pk, "key": uuid4(), "size": 1})
        assert refused.status_code == 403, path
        assert "Please go back and try again" in refused.content.decode()
    assert Queue.objects.count() == 1 and Queue.objects.get().version == 2
