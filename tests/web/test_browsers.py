"""A browser is known by a cookie that no sign-in changes (decision 0041): what it sends again is the same."""

import secrets
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from outbox.models import Event
from polls.models import Poll
from queues.models import Queue
from rooms.models import Room
from tests.polls.page_client import POLL_FORM
from tests.queues.page_client import LINE_FORM, join, line_by_form
from venues.models import User
from web.browsers import BROWSER_COOKIE

pytestmark = pytest.mark.django_db

PASSWORD = "long enough"


@pytest.fixture
def browser() -> Client:
    """Which has a page of ours open."""
    User.objects.create_user("ana@example.com", PASSWORD)
    client = Client()
    assert client.get("/").status_code == 200
    return client


def lost(browser: Client, path: str, fields: dict[str, Any], **options: Any) -> Any:
    """Sends it; the answer, with the cookies in it, never arrives."""
    before = {name: morsel.value for name, morsel in browser.cookies.items()}
    answer = browser.post(path, fields, **options)
    browser.cookies.clear()
    browser.cookies.load(before)
    return answer


def sign_in(browser: Client) -> None:
    """In another tab, which renews the proof against other sites."""
    before = browser.cookies["csrftoken"].value
    assert browser.post("/sign-in", {"username": "ana@example.com", "password": PASSWORD}).status_code == 302
    assert browser.cookies["csrftoken"].value != before


FORMS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "open a line": ("/", LINE_FORM, Queue),
    "new poll": ("/polls/new", POLL_FORM, Poll),
    "new room": ("/rooms/new", {"title": "Encore?", "ends_in": "3"}, Room),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_sent_before_and_after_a_sign_in_makes_one_thing(browser: Client, form: str) -> None:
    path, fields, model = FORMS[form]
    fields = {**fields, "key": str(uuid4())}
    first = lost(browser, path, fields)
    assert first.status_code == 303
    sign_in(browser)
    again = browser.post(path, fields)
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    assert model.objects.count() == 1


def test_letting_pass_before_and_after_a_sign_in_is_done_once(browser: Client) -> None:
    line = line_by_form(Client())
    join(browser, line)
    for _ in range(3):
        join(Client(), line)
    fields = {"parties": "1", "key": str(uuid4())}
    lost(browser, f"/queue/{line.code}/let-pass", fields)
    sign_in(browser)
    browser.post(f"/queue/{line.code}/let-pass", fields)
    assert Event.objects.filter(type="QUEUE_MEMBER_LET_PASS").count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/queue/create", {"eventName": "Friday", "maxGuests": 20}),
        ("/api/polls/", {"title": "Which wine?", "choices": ["Red", "White"]}),
        ("/api/rooms", {"title": "Live?"}),
    ],
)
def test_an_api_call_sent_before_and_after_a_sign_in_makes_one_thing(
    browser: Client, path: str, body: dict[str, Any]
) -> None:
    key = {"Idempotency-Key": secrets.token_hex(16)}
    first = lost(browser, path, body, content_type="application/json", headers=key)
    sign_in(browser)
    proven = {**key, "x-csrftoken": browser.cookies["csrftoken"].value}
    again = browser.post(path, body, content_type="application/json", headers=proven)
    assert again.status_code == first.status_code < 300
    assert again.json().get("code") == first.json().get("code") is not None


def test_a_browser_without_the_token_is_known_by_what_it_was_known_by_before(browser: Client) -> None:
    """So that a form which was sent before the release that has the token, and is sent again after it, is the same."""
    del browser.cookies[BROWSER_COOKIE]
    fields = {**LINE_FORM, "key": str(uuid4())}
    lost(browser, "/", fields)
    browser.post("/", fields)
    assert Queue.objects.count() == 1
    for token in ("", "short", "g" * 64, "0" * 65, "é" * 64):
        browser.cookies[BROWSER_COOKIE] = token
        browser.post("/", fields)
    assert Queue.objects.count() == 1, "what is no token of ours counts for nothing"


def test_another_browser_with_the_same_proof_is_another_sender(browser: Client) -> None:
    fields = {**LINE_FORM, "key": str(uuid4())}
    browser.post("/", fields)
    other = Client()
    other.cookies["csrftoken"] = browser.cookies["csrftoken"].value
    other.cookies[BROWSER_COOKIE] = secrets.token_hex(32)
    other.post("/", fields)
    assert Queue.objects.count() == 2


@pytest.mark.parametrize("path", ["/", "/polls/new", "/rooms/new", "/sign-in", "/admin/login/"])
def test_each_page_with_a_form_gives_the_token_once_and_renews_it(path: str) -> None:
    client = Client()
    cookie = client.get(path, secure=True).cookies[BROWSER_COOKIE]
    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert cookie["max-age"] == str(400 * 24 * 3600)
    assert client.get(path).cookies[BROWSER_COOKIE].value == cookie.value
    assert BROWSER_COOKIE not in client.get("/sw.js").cookies, "no form"
