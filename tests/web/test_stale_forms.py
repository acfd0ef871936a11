"""Decision 0034: a stale form and an ended sign-in lose nothing that was typed, and are told apart from "not allowed"."""

import re
from collections.abc import Callable
from html import unescape
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from queues.models import Party, Queue
from tests.page_client import page
from tests.polls.page_client import POLL_FORM
from tests.queues.page_client import LINE_FORM
from venues import commands as venue_commands
from venues.models import Membership, User, Venue

pytestmark = pytest.mark.django_db

PASSWORD = "long enough"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def member() -> User:
    """Works at a venue."""
    user = User.objects.create_user("ana@example.com", PASSWORD)
    Membership.objects.create(
        venue=venue_commands.create_venue(name="Casa Azul", timezone_name="Europe/Madrid"), user=user
    )
    return user


@pytest.fixture
def tab() -> Client:
    """Whose forms need their proof."""
    return Client(enforce_csrf_checks=True)


def proof_in(html: str) -> str:
    """The proof that the page's forms carry."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    assert found
    return found[1]


def sign_in(tab: Client) -> None:
    """In another tab."""
    token = proof_in(page(tab, "/sign-in"))
    fields = {"username": "ana@example.com", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert tab.post("/sign-in", fields).status_code == 302


def open_line(tab: Client) -> Queue:
    """By the form of the front page."""
    fields = {**LINE_FORM, "key": str(uuid4()), "csrfmiddlewaretoken": proof_in(page(tab, "/"))}
    answer = tab.post("/", fields)
    assert answer.status_code == 303
    return Queue.objects.get(code=answer["Location"].split("/")[2])


def join(line: Queue) -> Party:
    """A guest in another tab."""
    Client().post(f"/queue/{line.code}", {"name": "Ben", "size": 2, "key": str(uuid4())})
    return line.parties.get(name="Ben")


# One choice: a dict of what is typed has one value for each name.
POLL = {**{name: str(value) for name, value in POLL_FORM.items()}, "choices": "Flan", "dedupe": "token"}

# Each: where the form stands, where it goes, what is typed.
FORMS: dict[str, Callable[[Client], tuple[str, str, dict[str, str]]]] = {
    "open a line": lambda tab: ("/", "/", {**LINE_FORM, "event_name": "Canary", "key": str(uuid4())}),
    "walk-in": lambda tab: _of_console(tab, "walk-in", name="Canary", size="2", key=str(uuid4())),
    "message": lambda tab: _of_console(tab, "message", text="Canary"),
    "pause": lambda tab: _of_console(tab, "pause", note="Canary"),
    "new poll": lambda tab: ("/polls/new", "/polls/new", {**POLL, "title": "Canary", "key": str(uuid4())}),
    "new room": lambda tab: ("/rooms/new", "/rooms/new", {"title": "Canary", "ends_in": "3", "key": str(uuid4())}),
    "join": lambda tab: _join(open_line(tab)),
}


def _of_console(tab: Client, action: str, **fields: str) -> tuple[str, str, dict[str, str]]:
    line = open_line(tab)
    return f"/queue/{line.code}/host", f"/queue/{line.code}/host/{action}", fields


def _join(line: Queue) -> tuple[str, str, dict[str, str]]:
    return f"/queue/{line.code}", f"/queue/{line.code}", {"name": "Canary", "size": "2", "key": str(uuid4())}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_before_a_sign_in_is_handed_out_again_with_all_that_was_typed(
    tab: Client, member: User, form: str
) -> None:
    stands, goes, typed = FORMS[form](tab)
    old = proof_in(page(tab, stands))
    sign_in(tab)
    answer = tab.post(goes, {**typed, "csrfmiddlewaretoken": old})
    html = answer.content.decode()
    assert (answer.status_code, answer["X-Unsent"]) == (403, "stale-form")
    assert "<li><bdi>Canary</bdi></li>" in html
    again = {name: unescape(value) for name, value in HIDDEN.findall(html)}
    assert {name: again[name] for name in typed} == typed
    answer = tab.post(goes, {**typed, **again})
    # Who is signed in is asked for which venue a poll or room is: with all that was typed in the form.
    asked = answer.status_code == 400 and goes in {"/polls/new", "/rooms/new"}
    assert answer.status_code == 303 or asked and 'value="Canary"' in answer.content.decode()


@pytest.mark.thorough
def test_a_script_gets_the_fresh_proof_and_sends_the_same_form_again(tab: Client, member: User) -> None:
    _, goes, typed = FORMS["walk-in"](tab)
    old = proof_in(page(tab, "/"))
    sign_in(tab)
    script = {"x-fragment": "1"}
    answer = tab.post(goes, {**typed, "csrfmiddlewaretoken": old}, headers=script)
    assert (answer.status_code, answer.json()["code"]) == (403, "stale-form")
    token = answer.json()["token"]
    for _ in range(2):  # the key makes a repeat safe
        answer = tab.post(goes, {**typed, "csrfmiddlewaretoken": token}, headers=script)
        assert answer.status_code == 200
    assert Party.objects.filter(name="Canary").count() == 1


def test_a_password_is_asked_for_again_and_in_no_page(tab: Client, member: User) -> None:
    old = proof_in(page(tab, "/sign-in"))
    sign_in(tab)
    fields = {"username": "ana@example.com", "password": PASSWORD, "csrfmiddlewaretoken": old}
    html = tab.post("/sign-in", fields).content.decode()
    assert PASSWORD not in html
    assert 'type="password" name="password" required' in html
    assert 'name="username" value="ana@example.com"' in html


@pytest.mark.parametrize("from_", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_form_of_another_site_is_not_handed_out_again(tab: Client, from_: dict[str, str]) -> None:
    line = open_line(tab)
    fields = {"name": "Canary", "size": 2, "csrfmiddlewaretoken": "x" * 64}
    answer = tab.post(f"/queue/{line.code}/host/walk-in", fields, headers=from_)
    assert answer.status_code == 403
    assert "X-Unsent" not in answer and "Canary" not in answer.content.decode()


# ------------------------------------------------------------------------------------------------------ an ended sign-in
def venue_line(member: User) -> tuple[Client, Queue]:
    """A member who runs a line of their venue."""
    tab = Client()
    tab.force_login(member)
    venue = str(Venue.objects.get().pk)
    answer = tab.post("/lines", {**LINE_FORM, "venue": venue, "key": str(uuid4())})
    assert answer.status_code == 303, answer.content.decode()
    return tab, Queue.objects.get()


def test_an_ended_sign_in_names_the_call_not_made_and_leads_back_to_it(member: User) -> None:
    tab, line = venue_line(member)
    party = join(line)
    Session.objects.all().delete()
    answer = tab.post(f"/queue/{line.code}/host/call", {"party": party.pk}, headers={"x-fragment": "1"})
    assert (answer.status_code, answer["X-Unsent"]) == (403, "signed-out")
    assert answer.json()["error"] == "You were signed out. The call of #1 was not made."
    assert answer.json()["signIn"] == f"/sign-in?next=%2Fqueue%2F{line.code}%2Fhost"
    html = tab.post(f"/queue/{line.code}/host/walk-in", {"name": "Canary", "size": 2}).content.decode()
    assert "You were signed out" in html and "The walk-in was not added." in html
    assert 'name="name" value="Canary"' in html and f"/sign-in?next=%2Fqueue%2F{line.code}%2Fhost" in html
    read = tab.get(f"/queue/{line.code}/host/list", headers={"x-fragment": "1"})
    assert read.json()["code"] == "signed-out", "the page stays as it is, and says so"
    tab.force_login(member)
    assert tab.get(f"/queue/{line.code}/host/list").status_code == 200


def test_a_line_that_is_opened_after_the_sign_in_ended_keeps_what_was_typed(member: User) -> None:
    tab, _ = venue_line(member)
    Session.objects.all().delete()
    answer = tab.post("/lines", {**LINE_FORM, "event_name": "Canary", "key": str(uuid4())})
    html = answer.content.decode()
    assert (answer.status_code, answer["X-Unsent"]) == (403, "signed-out")
    assert "The line was not opened." in html and "Canary" in html and "/sign-in?next=%2Flines" in html


def test_a_member_of_no_venue_is_told_that_they_are_no_host(member: User) -> None:
    _, line = venue_line(member)
    other = Client()
    other.force_login(User.objects.create_user("eve@example.com", PASSWORD))
    party = join(line)
    answer = other.post(f"/queue/{line.code}/host/call", {"party": party.pk}, headers={"x-fragment": "1"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not-host")
    assert "do not work for this venue" in answer.json()["error"]
    assert "signed out" not in other.post(f"/queue/{line.code}/host/call", {"party": party.pk}).content.decode()


@pytest.mark.parametrize(
    ("kind", "sentence"), [("polls", "The vote was not closed."), ("rooms", "The room was not closed.")]
)
def test_polls_and_rooms_of_a_venue_say_it_too(member: User, kind: str, sentence: str) -> None:
    venue = Venue.objects.get()
    tab = Client()
    tab.force_login(member)
    made = {"polls": {**POLL_FORM}, "rooms": {"title": "Encore?", "ends_in": "3"}}[kind]
    where = tab.post(f"/{kind}/new", {**made, "venue": str(venue.pk), "key": str(uuid4())})
    assert where.status_code == 303, where.content.decode()
    code = where["Location"].split("/")[2]
    answer = Client().post(f"/{kind}/{code}/host/close")
    html = answer.content.decode()
    assert (answer.status_code, answer["X-Unsent"]) == (403, "signed-out")
    assert sentence in html and f"%2F{kind}%2F{code}%2Fhost" in html
