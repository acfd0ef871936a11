"""X1: a host token given to a member or a program ends with its membership, session or key, and can be renewed (decision 0028).
On the running program, under both servers."""

import json
import re
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from tests.installation import Stack, wait_until
from tests.venues.host_tokens import ENDED, PATIENCE_S, closed_with, open_socket, parts_of

MADE = """
import json
from django.test import Client
from venues import commands as c
venue = c.create_venue(name='Blue Door', timezone_name='UTC')
user = c.create_host(email='{email}', venue=venue, password='correct horse battery')
client = Client(); client.force_login(user, 'django.contrib.auth.backends.ModelBackend')
row, key = c.create_api_key(venue=venue, name='till')
print('MADE', json.dumps({{'venue': str(venue.pk), 'user': user.pk, 'session': client.cookies['sessionid'].value,
    'membership': user.memberships.get().pk, 'key': key, 'key_id': row.pk}}))
"""
# What a member's token rests on, and how each of it ends.
ENDS: dict[str, str] = {
    "removed": "from venues import commands as c; c.remove_member(membership_id={membership})",
    "signed out": "from django.contrib.sessions.models import Session; Session.objects.get(pk='{session}').delete()",
    "new password": "from venues import commands as c; c.set_password(user_id={user}, password='another horse battery')",
    "shut": "from venues.models import User; User.objects.filter(pk={user}).update(is_active=False)",
    "session over": "from django.contrib.sessions.models import Session as S; from django.utils import timezone as t; "
    "S.objects.filter(pk='{session}').update(expire_date=t.now())",
}


class Person(NamedTuple):
    """A signed-in member of a new venue; and a key of the venue."""

    stack: Stack
    account: dict[str, Any]

    def end(self, how: str) -> None:
        """Does what ends it."""
        self.stack.manage("shell", "-c", ENDS[how].format(**self.account))

    def client(self, **headers: str) -> httpx.Client:
        """Their browser."""
        cookies = {"sessionid": self.account["session"]}
        return httpx.Client(base_url=self.stack.url("web"), cookies=cookies, headers=headers, timeout=PATIENCE_S)

    def made(self, path: str, body: dict[str, Any], *, by_key: bool = False) -> dict[str, Any]:
        """What they make for their venue by the API: by their sign-in, or by the key."""
        with self.client() as browser:
            headers = {"api-key": self.account["key"]} if by_key else {"x-csrftoken": csrf(browser)}
            if by_key:
                browser.cookies.clear()
            answer = browser.post(path, json={**body, "venue": self.account["venue"]}, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        made: dict[str, Any] = answer.json()
        return made


def csrf(browser: httpx.Client) -> str:
    """The proof that a page of ours gives."""
    page = browser.get("/lines")
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


@pytest.fixture
def person(site: Stack, request: pytest.FixtureRequest) -> Person:
    """A new person with a new venue."""
    return new_person(site, request.node.name)


def new_person(site: Stack, name: str) -> Person:
    """The same, by a name that no other test gives."""
    email = re.sub(r"[^a-z0-9]+", "-", name.lower()) + "@example.com"
    printed = site.manage("shell", "-c", MADE.format(email=email)).stdout
    return Person(site, json.loads(next(row for row in printed.splitlines() if row.startswith("MADE"))[5:]))


def token_of_page(person: Person, code: str) -> str:
    """What the member's console page gives its script."""
    with person.client() as browser:
        found = re.search(r'data-host-auth="([^"]+)"', browser.get(f"/queue/{code}/host").text)
    assert found
    return found[1]


def seen_as_host(site: Stack, code: str, token: str, server: str = "web") -> int:
    """The status of the console's view with this token."""
    return httpx.get(f"{site.url(server)}/api/queue/{code}/console", headers={"x-host-auth": token}).status_code


# ---------------------------------------------------------------------------------------------------------------- members
def test_what_a_member_was_given_ends_with_them(site: Stack) -> None:
    """The page's token, the API's, and an open socket of each; on every server. All end at once, for each is found out later."""
    with ExitStack() as opened:
        members: dict[str, tuple[Person, dict[str, Any], list[str], list[ClientConnection]]] = {}
        for how in ENDS:
            person = new_person(site, how)
            line = person.made("/api/queue/create", {"eventName": "Friday", "maxGuests": 50})
            page, api = tokens = [token_of_page(person, line["code"]), line["hostAuthToken"]]
            path = f"/api/queue/{line['code']}/connect"
            sockets = [open_socket(site, path, page), open_socket(site, path, api, "daphne")]
            members[how] = person, line, tokens, [opened.enter_context(each) for each in sockets]
            for token in tokens:
                assert len(parts_of(token, line["sessionId"])) == 32
                for server in ("web", "web2", "daphne"):
                    assert seen_as_host(site, line["code"], token, server) == 200
        for how, (person, *_) in members.items():
            person.end(how)
        for how, (_, line, tokens, sockets) in members.items():
            assert [closed_with(each) for each in sockets] == [ENDED, ENDED], how
            for token in tokens:
                for server in ("web", "web2", "daphne"):
                    wait_until(lambda c=line["code"], t=token, s=server: seen_as_host(site, c, t, s) == 403, what=how)  # type: ignore[misc]
                headers = {"x-host-auth": token}
                answer = httpx.post(f"{site.url('web')}/api/queue/{line['code']}/pause", headers=headers, json={})
                assert answer.status_code == 403, how
                with pytest.raises(InvalidStatus, match="403"):
                    open_socket(site, f"/api/queue/{line['code']}/connect", token)


def test_a_members_token_is_no_one_elses(person: Person, site: Stack) -> None:
    """Not another line's of the same venue, not altered, and it does not lead to the line's own."""
    one, other = (person.made("/api/queue/create", {"eventName": name, "maxGuests": 50}) for name in ("One", "Other"))
    token = one["hostAuthToken"]
    assert seen_as_host(site, other["code"], token) == 403
    assert seen_as_host(site, other["code"], f"{other['sessionId']}.{token.partition('.')[2]}") == 403
    for place in (40, 60, 78):
        altered = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert seen_as_host(site, one["code"], altered) == 403
    headers = {"x-host-auth": token}
    url = f"{site.url('web')}/api/queue/{one['code']}"
    assert httpx.post(f"{url}/pause", headers=headers, json={}).status_code == 200
    renewed = httpx.post(f"{url}/renew-token", headers=headers).json()["hostAuthToken"]
    poll = httpx.post(
        f"{site.url('web')}/api/polls/", headers={"x-host-auth": renewed},
        json={"title": "Wine?", "choices": ["Red", "White"], "line": one["code"], "dedupe": "ticket", "open": True},
    )  # fmt: skip
    assert poll.status_code == 201, poll.text
    poll = poll.json()
    results = f"{site.url('web')}/api/polls/{poll['id']}"
    assert httpx.get(f"{results}/results", headers={"x-host-auth": poll["hostToken"]}).status_code == 200
    person.end("removed")
    wait_until(lambda: seen_as_host(site, one["code"], renewed) == 403, what="the renewed one to end")
    assert httpx.post(f"{results}/close", headers={"x-host-auth": poll["hostToken"]}).status_code == 403


# ------------------------------------------------------------------------------------------------------------------- keys
def test_what_a_key_was_given_ends_with_the_key(person: Person, site: Stack) -> None:
    line = person.made("/api/queue/create", {"eventName": "Friday", "maxGuests": 50}, by_key=True)
    poll = person.made(
        "/api/polls/",
        {"title": "Wine?", "choices": ["Red", "White"], "open": True, "visibility": "host_only"},
        by_key=True,
    )
    room = person.made("/api/rooms", {"title": "Stay open?"}, by_key=True)
    with (
        open_socket(site, f"/api/queue/{line['code']}/connect", line["hostAuthToken"]) as of_line,
        open_socket(site, f"/api/polls/{poll['id']}/connect", poll["hostToken"]) as of_poll,
        open_socket(site, f"/api/polls/{poll['id']}/connect", **{"api-key": person.account["key"]}) as by_key,
    ):
        site.manage(
            "shell", "-c", f"from venues import commands as c; c.revoke_api_key(key_id={person.account['key_id']})"
        )
        assert [closed_with(each) for each in (of_line, of_poll, by_key)] == [ENDED] * 3
    wait_until(lambda: seen_as_host(site, line["code"], line["hostAuthToken"]) == 403, what="the line's to end")
    for url, token in (
        (f"/api/queue/{line['code']}/pause", line["hostAuthToken"]),
        (f"/api/polls/{poll['id']}/close", poll["hostToken"]),
        (f"/api/rooms/{room['room']}/close", room["hostToken"]),
    ):
        assert httpx.post(site.url("web") + url, headers={"x-host-auth": token}, json={}).status_code == 403


def test_a_members_streams_of_hidden_results_end(person: Person, site: Stack) -> None:
    """By whatever they have proved who they are."""
    poll = person.made(
        "/api/polls/", {"title": "Wine?", "choices": ["Red", "White"], "open": True, "visibility": "host_only"}
    )
    proofs = {
        "session": {"Cookie": f"sessionid={person.account['session']}"},
        "token": {"x-host-auth": poll["hostToken"]},
        "cookie": {"Cookie": f"poll_host_{poll['code']}={poll['hostToken']}"},
    }
    url = f"{site.url('web')}/api/polls/{poll['id']}/stream"
    with ExitStack() as opened:
        streams = {}
        for proof, headers in proofs.items():
            stream = opened.enter_context(httpx.stream("GET", url, headers=headers, timeout=PATIENCE_S))
            lines = streams[proof] = stream.iter_lines()
            first = next(row for row in lines if row.startswith("data: "))
            assert json.loads(first[6:])["hidden"] is False, proof
        person.end("removed")
        for proof, lines in streams.items():
            assert not [row for row in lines if row.startswith("data: ")], proof


# ----------------------------------------------------------------------------------------------------------------- devices
PAIRED = """
import json
from core.actors import SYSTEM
from venues import commands as c
from venues.pairing import device_token, digits_of
code = c.offer_device_code(venue_id='{venue}', name='Bar', actor=SYSTEM)
code = c.pair_device(digits=digits_of(code.pk), described='', key='a tablet')
print('PAIRED', json.dumps([code.device_id, device_token(code.pk)]))
"""


def test_what_a_tablet_was_given_ends_when_it_is_removed(person: Person, site: Stack) -> None:
    """Its page's token and an open socket, on every server."""
    line = person.made("/api/queue/create", {"eventName": "Friday", "maxGuests": 50})
    printed = site.manage("shell", "-c", PAIRED.format(**person.account)).stdout
    device, token = json.loads(next(row for row in printed.splitlines() if row.startswith("PAIRED"))[7:])
    with httpx.Client(base_url=site.url("web"), cookies={"device_token": token}) as tablet:
        found = re.search(r'data-host-auth="([^"]+)"', tablet.get(f"/queue/{line['code']}/host").text)
    assert found
    assert parts_of(found[1], line["sessionId"])[0] == 2
    with open_socket(site, f"/api/queue/{line['code']}/connect", found[1]) as socket:
        remove = (
            f"from venues import commands as c; from core.actors import SYSTEM; c.remove_device(device_id={device}, "
        )
        site.manage("shell", "-c", f"{remove}venue_id='{person.account['venue']}', actor=SYSTEM)")
        assert closed_with(socket) == ENDED
    for server in ("web", "web2", "daphne"):
        wait_until(lambda s=server: seen_as_host(site, line["code"], found[1], s) == 403, what=server)  # type: ignore[misc]
