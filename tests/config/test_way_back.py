"""The opener of a line, poll or room without an account proves it by its own cookie, or by a kept link (decision 0037)."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django.fixtures import Settings

from core.cache import sync_redis
from tests.page_client import page
from tests.polls.page_client import poll_by_form
from tests.queues.page_client import line_by_form
from tests.rooms.page_client import room_by_form
from venues import commands as venue_commands

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-password"
WEEK_S = 7 * 24 * 3600


def opened(kind: str, host: Client) -> str:
    """The address of the host's page of a line, poll or room just opened without an account."""
    if kind == "line":
        return f"/queue/{line_by_form(host).code}/host"
    return f"/polls/{poll_by_form(host).code}/host" if kind == "poll" else f"/rooms/{room_by_form(host).code}/host"


class Plain(Client):
    """A browser on plain HTTP: it keeps no cookie that is Secure."""

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        for name in [name for name, morsel in self.cookies.items() if morsel["secure"]]:
            del self.cookies[name]
        return answer


@pytest.fixture(params=["line", "poll", "room"])
def at(request: pytest.FixtureRequest, host: Client) -> str:
    return opened(request.param, host)


@pytest.fixture
def host() -> Client:
    return Plain()


def link_in(html: str) -> str:
    """The link to keep that a page shows; empty where it shows none."""
    found = re.search(r'value="(http://testserver/[^"]+#key=[^"]+)"', html)
    return unescape(found[1]) if found else ""


def bring(client: Client, link: str) -> Any:
    """What the page's script does with the link's fragment, or a person without scripts with the whole link."""
    return client.post("/host-key", {"key": link})


def test_signing_in_and_out_takes_no_line_away(host: Client, at: str) -> None:
    venue = venue_commands.create_venue(name="Blue Door", timezone_name="UTC")
    venue_commands.create_host(email="h@example.com", venue=venue, role="owner", password=PASSWORD)
    assert host.post("/sign-in", {"username": "h@example.com", "password": PASSWORD}).status_code == 302
    page(host, at)
    assert host.post("/sign-out").status_code == 302
    page(host, at)
    assert at in page(host, "/"), "the front page leads back to it"


def test_the_end_of_a_session_takes_no_line_away(host: Client, at: str) -> None:
    Session.objects.all().delete()
    host.cookies.pop("sessionid", None)
    page(host, at)
    assert at in page(host, "/")


def test_the_proof_lives_a_week_from_the_last_use(host: Client, at: str) -> None:
    code = at.split("/")[2]
    host.get(at)
    (name,) = (name for name in host.cookies if name.endswith(f"_host_{code}"))
    answer = host.get(at)
    morsel = answer.cookies[name]
    assert (morsel["max-age"], morsel["httponly"], morsel["samesite"]) == (WEEK_S, True, "Strict")
    assert not morsel["secure"]
    assert host.get(at, secure=True).cookies[name]["secure"]
    assert name not in host.get(at, headers={"x-fragment": "1"}).cookies, "parts of a page come every few seconds"


def test_the_link_is_shown_until_it_is_kept_and_again_on_demand(host: Client, at: str) -> None:
    html = page(host, at)
    assert link_in(html).startswith(f"http://testserver{at}#key=")
    assert link_in(page(host, at)), "not yet dismissed"
    mark = re.search(r'name="mark" value="([^"]+)"', html)
    assert mark
    answer = host.post("/host-key/kept", {"mark": mark[1]})
    assert (answer.status_code, answer["Location"]) == (303, at)
    html = page(host, at)
    assert not link_in(html) and 'href="?link=1"' in html
    assert link_in(page(host, f"{at}?link=1"))
    assert Client().get(f"{at}?link=1").status_code == 302, "strangers are led to the sign-in"


def test_the_link_opens_the_console_on_another_device(host: Client, at: str) -> None:
    link, other = link_in(page(host, at)), Plain()
    led = other.get(at)
    assert led.status_code == 302
    assert 'action="/host-key"' in page(other, led["Location"]), "a field for it, without scripts"
    answer = bring(other, f"  {link}\n")
    assert (answer.status_code, answer["Location"]) == (303, at)
    assert not link_in(page(other, at)), "who comes with the link has it"
    assert at in page(other, "/")
    third = Plain()
    assert bring(third, link.partition("#key=")[2]).status_code == 303, "or the key alone"
    page(third, at)


def test_a_member_of_another_venue_may_bring_the_link_too(host: Client, at: str) -> None:
    link, other = link_in(page(host, at)), Plain()
    venue = venue_commands.create_venue(name="Blue Door", timezone_name="UTC")
    user = venue_commands.create_host(email="h@example.com", venue=venue, role="owner", password=PASSWORD)
    other.force_login(user, "django.contrib.auth.backends.ModelBackend")
    assert 'action="/host-key"' in page(other, at, 403)
    assert bring(other, link).status_code == 303
    page(other, at)


def test_a_renewed_token_ends_the_old_link_and_the_old_cookie(host: Client, at: str) -> None:
    link, other = link_in(page(host, at)), Plain()
    assert bring(other, link).status_code == 303
    assert host.post(f"{at}/renew-token").status_code == 303
    new = link_in(page(host, at))
    assert new and new != link, "shown at once, for the one that was kept has ended"
    assert other.get(at).status_code == 302
    assert at not in page(other, "/")
    answer = bring(other, link)
    assert answer.status_code == 403 and "Nothing opens with this" in answer.content.decode()
    assert bring(other, new).status_code == 303
    page(other, at)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "", lambda key: "x", lambda key: key[:-1], lambda key: key.partition(".")[0], lambda key: "\0.é",
        lambda key: f"9b2f1f4e-58a6-4a5e-9a43-0c6d7d1f7a11.{key.partition('.')[2]}", lambda key: key * 900,
    ],
)  # fmt: skip
def test_a_wrong_key_is_refused_in_words_and_shows_nothing(spoil: Callable[[str], str], host: Client) -> None:
    at = opened("line", host)
    key = spoil(link_in(page(host, at)).partition("#key=")[2])
    answer = bring(other := Plain(), key)
    html = answer.content.decode()
    assert answer.status_code == 403 and "Nothing opens with this" in html
    assert "Friday dinner" not in html and (len(key) < 9 or key not in html)
    assert not [name for name in other.cookies if "host" in name]


def test_keys_are_not_tried_by_the_thousand_nor_by_other_sites(host: Client, settings: Settings) -> None:
    link = link_in(page(host, opened("line", host)))
    assert Client(enforce_csrf_checks=True).post("/host-key", {"key": link}).status_code == 403
    settings.RATE_LIMITS = True
    try:
        tries = [bring(Plain(), "x") for _ in range(31)]
        assert [answer.status_code for answer in tries] == [403] * 30 + [429]
        assert "Retry-After" in tries[-1].headers
    finally:
        for key in sync_redis().scan_iter("tl:limit:*"):
            sync_redis().delete(key)


def test_what_belongs_to_a_venue_or_a_line_has_no_kept_link(host: Client) -> None:
    code = line_by_form(host).code
    poll = poll_by_form(host, f"/polls/new?line={code}")
    html = page(host, f"/polls/{poll.code}/host?link=1")
    assert not link_in(html) and 'href="?link=1"' not in html
    venue = venue_commands.create_venue(name="Blue Door", timezone_name="UTC")
    user = venue_commands.create_host(email="h@example.com", venue=venue, role="host", password=PASSWORD)
    member = Plain()
    member.force_login(user, "django.contrib.auth.backends.ModelBackend")
    room = member.post("/rooms/new", {"title": "?", "ends_in": "3", "venue": str(venue.pk), "key": str(uuid4())})
    assert not link_in(page(member, f"{room['Location']}?link=1"))


def test_marks_are_ours(host: Client) -> None:
    for mark in (
        "",
        "sessionid",
        "link_queue_",
        "link_queue_ABCDEF;",
        "link_other_ABCDEF",
        "link_queue_ABCDEI",
        "x" * 9000,
    ):
        assert host.post("/host-key/kept", {"mark": mark}).status_code == 404
