"""B8 on the running program: who sees how the votes stand, asked on every path, as every person, of both processes; and
that nothing else tells a stranger what is hidden."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.contracts import sse
from tests.installation import FULL, Stack, wait_until
from tests.polls.hidden_paths import PATHS, REFUSED, Person, Seen, by_http
from tests.polls.running_poll import LivePoll, counts, socket_at

SERVERS = ("web", "web2")
VISIBILITIES = ("always", "after_voting", "after_close", "host_only")
STATES = ("open", "closed", "over")
COUNTS = [7, 11]
# What may not be read anywhere while it is hidden: the counts, their sum, their shares, and the version they have.
TELLING = {7, 11, 18, 38.9, 61.1}
PEOPLE = """
import json
from django.test import Client
from venues import commands as c
blue, red = c.create_venue(name='Blue Door', timezone_name='UTC'), c.create_venue(name='Red Door', timezone_name='UTC')
def signed_in(user):
    client = Client(); client.force_login(user, 'django.contrib.auth.backends.ModelBackend')
    return {'Cookie': 'sessionid=' + client.cookies['sessionid'].value}
def key(venue):
    return {'api-key': c.create_api_key(venue=venue, name='till')[1]}
print('PEOPLE', json.dumps({
    'member': signed_in(c.create_host(email='a@example.com', venue=blue)),
    'member elsewhere': signed_in(c.create_host(email='b@example.com', venue=red)),
    'staff': signed_in(c.create_user(email='c@example.com', password=None, is_staff=True)),
    'key of its owner': key(blue), 'other key of the venue': key(blue), 'key of elsewhere': key(red),
}))
"""
HOSTS = {"host", "host by cookie", "member", "staff", "key of its owner"}


@pytest.fixture(scope="module")
def people(both: Stack) -> dict[str, Person]:
    """Headers of those who do not depend on the poll."""
    printed = both.manage("shell", "-c", PEOPLE).stdout
    found: dict[str, Person] = json.loads(next(row for row in printed.splitlines() if row.startswith("PEOPLE"))[7:])
    return found


def all_persons(poll: LivePoll, people: dict[str, Person]) -> dict[str, Person]:
    """The headers of each person who may ask for this poll."""
    return {
        "stranger": {}, "voter": {"Cookie": "voter_token=voter-0"}, "voter elsewhere": {"Cookie": "voter_token=other"},
        "host": poll.host, "host by cookie": poll.host_cookie, "wrong token": {"x-host-auth": "wrong"}, **people,
    }  # fmt: skip


def may_see(visibility: str, state: str, person: str) -> bool:
    """What B8 says, written once more and in other words."""
    allowed = {
        "always": {"stranger", "voter"},
        "after_voting": {"voter"} if state == "open" else {"stranger", "voter"},
        "after_close": set() if state == "open" else {"stranger", "voter"},
        "host_only": set(),
    }[visibility]
    who = person if person == "voter" else "host" if person in HOSTS else "stranger"
    return who == "host" or who in allowed


def values(found: Any) -> Iterator[Any]:
    """Every value in what was said, however deep; texts that are numbers as numbers, too."""
    if isinstance(found, dict):
        for value in found.values():
            yield from values(value)
    elif isinstance(found, list):
        for value in found:
            yield from values(value)
    else:
        yield found
        if isinstance(found, str) and found.replace(".", "", 1).isdigit():
            yield float(found)


def voted(poll: LivePoll) -> LivePoll:
    """7 and 11 ballots, the first one the voter's; shown by both processes."""
    for n in range(sum(COUNTS)):
        poll.voted(0 if n < COUNTS[0] else 1, server=SERVERS[n % 2], token=f"voter-{n}")
    for server in SERVERS:
        wait_until(lambda s=server: poll.counts(s) == COUNTS, what="the votes")  # type: ignore[misc]
    return poll


def put_into(state: str, poll: LivePoll) -> None:
    """Closes it, or lets its end come. (An end that came a moment ago and was not swept yet: tests/realtime.)"""
    if state == "closed":
        poll.act("close")
    elif state == "over":
        poll.stack.sql("UPDATE polls_poll SET ends_at = clock_timestamp() WHERE id = %s", poll.id)
    for server in SERVERS if state != "open" else ():
        wait_until(lambda s=server: poll.results(s)["status"] == "closed", what="the end")  # type: ignore[misc]


@pytest.mark.faults
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_each_person_sees_on_every_path_what_they_may(
    visibility: str, state: str, both: Stack, people: dict[str, Person]
) -> None:
    poll = voted(LivePoll(both, headers=people["key of its owner"], visibility=visibility))
    put_into(state, poll)
    version = poll.results(headers=poll.host, exact=True)["version"]
    assert version not in TELLING
    wrong, turn = [], VISIBILITIES.index(visibility) + STATES.index(state)
    for n, (person, headers) in enumerate(all_persons(poll, people).items()):
        for m, (path, look) in enumerate(PATHS.items()):
            if not FULL and (n + m) % 4 // 2 != turn % 2:  # the other half in the next state
                continue
            sent = {**headers, "is": person} if path == "socket" else headers
            seen = look(poll, SERVERS[(n + m) % 2], sent)
            public = "edge" in path or path.endswith("as public")
            limited = public or path.endswith("as voter")
            asking = "stranger" if public or (limited and person != "voter") else person
            shown = may_see(visibility, state, asking)
            refused = person in REFUSED and not limited
            expected = Seen(403) if refused else Seen(200, COUNTS if shown else [None, None])
            told = [] if shown else sorted({*TELLING, version} & set(values(seen.all)))
            if (seen.status, seen.counts) != (expected.status, expected.counts) or told:
                wrong.append((person, path, seen.status, seen.counts, told))
    assert wrong == []


# ------------------------------------------------------------------------------------------------------ what else may tell
HIDDEN = [(v, p) for v in VISIBILITIES for p in ("stranger", "voter") if not may_see(v, "open", p)]


@pytest.mark.parametrize(("visibility", "person"), HIDDEN)
def test_hidden_ballots_cause_nothing_that_a_stranger_could_notice(
    visibility: str, person: str, both: Stack, people: dict[str, Person]
) -> None:
    """10 ballots, which the host is told of by the same processes: no message, no id, no other ETag, no other file."""
    poll = voted(LivePoll(both, headers=people["key of its owner"], visibility=visibility))
    headers = all_persons(poll, people)[person]
    polled = ["/api/polls/{id}/results", "/api/polls/{id}", "/poll/{id}", "/poll/{id}/results"]
    polled += ["/api/vote/{id}/export?format=csv", "/api/vote/{id}"]

    def answers() -> list[Any]:
        found = [by_http(poll, path, server, headers) for server in SERVERS for path in polled]
        return [(answer.status_code, answer.headers.get("etag"), answer.content) for answer in found]

    before = answers()
    with ExitStack() as following:
        urls = [both.url(server) + path.format(id=poll.id) for server in SERVERS
                for path in ("/api/polls/{id}/stream", "/api/vote/{id}/stream")]  # fmt: skip
        streams = [following.enter_context(sse.opened(url, headers)) for url in urls]
        sockets = [following.enter_context(socket_at(poll.socket_url(server), headers)) for server in SERVERS]
        hosts = [following.enter_context(poll.stream(server, poll.host)) for server in SERVERS]
        for stream_ in streams:
            stream_.next()
        for socket_ in sockets:
            socket_.next()
        for n in range(10):
            poll.voted(n % 2, server=SERVERS[n % 2])
        for host in hosts:
            host.until(lambda message: message.json["ballots"] == sum(COUNTS) + 10)
        assert answers() == before
        poll.act("close")
        shown = may_see(visibility, "closed", person)
        for stream_ in streams:
            first, *more = [message.json for message in stream_.rest()]
            # The next that was said is that it is closed.
            message = first["data"] if "event" in first else first
            assert message["status"] == "closed"
            assert [each["event"] for each in more] == (["closed"] if "event" in first else [])
            assert any(choice.get("count", choice.get("voteCount")) for choice in message["choices"]) == shown
            # An id says that it is over, to all the same; only those who may see the ballots get one that counts them.
            assert (stream_.parser.last_id == "0.closed") == (not shown or "event" in first)
        for socket_ in sockets:
            (last,), code = socket_.rest()
            assert (last["status"], last["hidden"], code) == ("closed", not shown, 1000)


def test_what_is_asked_for_with_a_hosts_proof_is_never_given_to_the_next(
    both: Stack, people: dict[str, Person]
) -> None:
    """All views are made of one row and kept: each viewer gets theirs, also by 304."""
    poll = voted(LivePoll(both, headers=people["key of its owner"], visibility="after_voting"))
    asked = all_persons(poll, people)
    etags: dict[str, str] = {}
    for person in ("host", "stranger", "voter", "host", "stranger", "voter"):
        answer = poll.get(headers=asked[person])
        assert (counts(answer.json()) == COUNTS) == (person != "stranger")
        assert etags.setdefault(person, answer.headers["etag"]) == answer.headers["etag"]
    assert etags["host"] != etags["stranger"]
    known = {"If-None-Match": etags["host"]}
    assert poll.get(headers={**asked["host"], **known}).status_code == 304
    assert poll.get(headers=known).status_code == 200
    assert poll.get(headers=known).json()["hidden"]
