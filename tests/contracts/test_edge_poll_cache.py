"""Contract edge-poll.md: what is served from the cache, by two processes behind a proxy, while votes come in."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any

import httpx
import pytest

from tests.contracts.edge_poll import body
from tests.contracts.queueup import http, refused
from tests.installation import NewStack, Stack, wait_until

SERVERS = ("web", "web2")
Headers = dict[str, str] | list[tuple[str, str]]


@pytest.fixture(scope="module")
def site(own_stack: NewStack) -> Stack:
    """Two processes behind one proxy of ours: the nearest hop of X-Forwarded-For is the client's address."""
    return own_stack("edgepoll", 11, TRUSTED_PROXIES="1").start(*SERVERS, "timers")


@pytest.fixture(scope="module")
def key(site: Stack) -> str:
    """Its API key."""
    return site.new_key()


class Poll:
    """A poll of the contract, asked of any process."""

    def __init__(self, site: Stack, key: str, **fields: Any) -> None:
        self.site, self.key = site, key
        made = http.post(f"{site.url()}/poll", json=body(**fields), headers={"api-key": key})
        assert made.status_code == 200, made.text
        self.id: str = made.json()["id"]

    def get(self, path: str = "", known: str = "", *, server: str = "web", exact: bool = False) -> httpx.Response:
        """GET, from the cache unless `exact`; `known` is its If-None-Match."""
        headers = {"If-None-Match": known} if known else {}
        query = {"cache": "false"} if exact else {}
        return http.get(f"{self.site.url(server)}/poll/{self.id}{path}", params=query, headers=headers)

    def vote(self, choice: str, address: str | None = None, *, server: str = "web", headers: Headers = ()) -> None:  # type: ignore[assignment]
        """A vote that is answered ok; of this address, unless the headers say more."""
        sent = {"X-Forwarded-For": address} if address else headers
        answer = http.post(f"{self.site.url(server)}/poll/{self.id}", json={"id": choice}, headers=sent)
        assert (answer.status_code, answer.text) == (200, "ok")

    def counts(self, path: str = "/results", *, server: str = "web", exact: bool = False) -> list[int]:
        """Counts by choice, as this process shows them; the shards' must add up to them."""
        answer = self.get(path, server=server, exact=exact)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        totals = {number: choice["count"] for number, choice in shown["choices"].items()}
        for number in totals if path == "/results" else ():
            parts = [state["choices"][number]["count"] for state in shown["shardStates"].values()]
            assert sum(parts) == totals[number], shown
        return [totals[number] for number in sorted(totals)]


@pytest.fixture
def poll(site: Stack, key: str) -> Poll:
    """One of three, in four shards."""
    return Poll(site, key)


def addresses() -> Iterator[str]:
    """Endless clients."""
    for number in range(1 << 16):
        yield f"198.18.{number >> 8}.{number & 255}"


# -------------------------------------------------------------------------------------------------------------- counts
@pytest.mark.parametrize(("votes", "shows"), [("web", "web2"), ("web2", "web")])
def test_a_vote_in_one_process_is_shown_from_the_cache_of_the_other(votes: str, shows: str, poll: Poll) -> None:
    assert poll.counts(server=shows) == poll.counts("", server=shows) == [0, 0, 0]
    for number, address in zip(range(5), addresses(), strict=False):
        poll.vote(str(number % 2), address, server=votes)
    assert poll.counts(server=shows, exact=True) == poll.counts("", server=shows, exact=True) == [3, 2, 0]
    for path in ("", "/results"):
        wait_until(lambda p=path: poll.counts(p, server=shows) == [3, 2, 0], what="the counts")  # type: ignore[misc]


def test_no_process_shows_a_count_fall_while_200_vote_in_both(poll: Poll) -> None:
    """A process hears of the other's votes a moment later (decision 0012): what is exact is soon shown by both, and what one has
    shown, it and the exact count never fall behind."""
    voted = threading.Event()

    def look(turn: int) -> None:
        last = {server: [0, 0, 0] for server in SERVERS}
        for server in cycle(SERVERS[turn % 2 :] + SERVERS[: turn % 2]):
            over = voted.is_set()
            shown = poll.counts(server=server)
            assert not_behind(shown, last[server])
            last[server] = shown
            exact = poll.counts(server=SERVERS[turn % 2], exact=True)
            assert not_behind(exact, shown)
            wait_until(lambda s=server, e=exact: not_behind(poll.counts(server=s), e), what="the exact count")  # type: ignore[misc]
            if over:
                return

    with ThreadPoolExecutor(8) as pool:
        looking = [pool.submit(look, turn) for turn in range(3)]
        voting = [
            pool.submit(poll.vote, str(number % 3), address, server=SERVERS[number % 2])
            for number, address in zip(range(200), addresses(), strict=False)
        ]
        for vote in voting:
            vote.result()
        voted.set()
        for reader in looking:
            reader.result()
    for server in SERVERS:
        assert poll.counts(server=server, exact=True) == [67, 67, 66]
        wait_until(lambda s=server: poll.counts(server=s) == [67, 67, 66], what="the last counts")  # type: ignore[misc]


def not_behind(counts: list[int], before: list[int]) -> bool:
    """Whether no choice has fewer than before."""
    return all(now >= then for now, then in zip(counts, before, strict=True))


# ------------------------------------------------------------------------------------------------------------- ETag, HEAD
@pytest.mark.parametrize("path", ["", "/results"])
def test_who_has_it_already_gets_304_until_a_vote_comes(path: str, poll: Poll) -> None:
    poll.vote("1", "198.18.0.1")
    wait_until(lambda: poll.counts(path) == [0, 1, 0], what="the vote")
    shown = poll.get(path)
    etag = shown.headers["etag"]
    for server in SERVERS:
        for known in (etag, f"W/{etag}", f'"x", {etag}', f'W/"y",W/{etag}', "*"):
            again = poll.get(path, known, server=server)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        for other in ('"x"', etag.strip('"'), f'"{etag}"'):
            assert poll.get(path, other, server=server).status_code == 200
        head = http.head(f"{poll.site.url(server)}/poll/{poll.id}{path}")
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
        assert head.headers["content-length"] == str(len(shown.content))
    poll.vote("1", "198.18.0.2", server="web2")
    newer = wait_until(lambda: (a := poll.get(path, etag)).status_code == 200 and a, what="news")
    assert newer.headers["etag"] != etag
    assert newer.json()["choices"]["1"]["count"] == 2


# ----------------------------------------------------------------------------------------------------- the client's address
@pytest.mark.parametrize("server", SERVERS)
def test_the_nearest_hop_is_the_address_and_a_client_cannot_choose_it(server: str, poll: Poll) -> None:
    mine = "203.0.113.9"
    same: list[Headers] = [
        {"X-Forwarded-For": mine},
        {"X-Forwarded-For": f"198.51.100.7, {mine}"},
        {"X-Forwarded-For": f"198.51.100.8,198.51.100.9 ,  {mine}"},
        {"X-Forwarded-For": f"unknown, , {mine},"},
        {"X-Forwarded-For": mine, "X-Real-IP": "198.51.100.1", "Forwarded": "for=198.51.100.2"},
        {"X-Forwarded-For": mine, "X_Forwarded_For": "198.51.100.3", "Client-IP": "198.51.100.3"},
        {"X-Forwarded-For": f"::ffff:{mine}"},
        [("X-Forwarded-For", "198.51.100.10"), ("X-Forwarded-For", mine)],
        [("X-Forwarded-For", "198.51.100.11, 198.51.100.12"), ("x-forwarded-for", f"198.51.100.13, {mine}")],
    ]
    for headers in same:
        poll.vote("0", headers=headers, server=server)
    assert poll.counts(exact=True) == [1, 0, 0]
    for other in ("203.0.113.10", f"{mine}, 203.0.113.11", "2001:db8:1::1", "2001:db8:2::1", "nonsense"):
        poll.vote("1", other, server=server)
    assert poll.counts(exact=True) == [1, 5, 0]
    # An IPv6 client has a whole /64. What is no address is a voter by its text.
    for again in (
        "2001:db8:1::2",
        "2001:db8:1:0:ffff::9",
        "2001:db8:2::77",
        "nonsense",
        f"{mine}:443",
        "[2001:db8:1::3]:80",
    ):
        poll.vote("2", again, server=server)
    assert poll.counts(exact=True) == [1, 5, 0]
    for other in ("other nonsense", "203.0.113.999"):
        poll.vote("2", other, server=server)
    assert poll.counts(exact=True) == [1, 5, 2]


def test_who_has_voted_by_address_is_known_in_and_outside_of_django(site: Stack) -> None:
    new = {"title": "?", "choices": ["a", "b"], "dedupe": "address", "visibility": "after_voting", "open": True}
    url = f"{site.url()}/api/polls/{http.post(f'{site.url()}/api/polls/', json=new).json()['id']}"
    sent = {"ballotId": "0b1f8f7e-3c1d-4a57-9a3c-1f2e3d4c5b6a", "choices": [1]}
    voter = [("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "198.51.100.2, 203.0.113.9")]
    assert http.post(f"{url}/ballots", json=sent, headers=voter).status_code == 201
    strangers: list[Headers] = [
        {},
        {"X-Forwarded-For": "203.0.113.9, 198.51.100.1"},
        {"X-Forwarded-For": "198.51.100.2"},
    ]
    for query in ("", "?cache=false"):
        assert not http.get(f"{url}/results{query}", headers=voter).json()["hidden"]
        assert not http.get(f"{url}/results{query}", headers={"X-Forwarded-For": "203.0.113.9"}).json()["hidden"]
        for stranger in strangers:
            assert http.get(f"{url}/results{query}", headers=stranger).json()["hidden"]


# --------------------------------------------------------------------------------------------------------------- deletion
@pytest.mark.parametrize(("deletes", "shows"), [("web", "web2"), ("web2", "web")])
def test_a_deleted_poll_is_gone_from_the_caches_of_both(deletes: str, shows: str, poll: Poll) -> None:
    for number, address in zip(range(5), addresses(), strict=False):
        poll.vote(str(number % 3), address)
    for server in SERVERS:
        poll.counts(server=server)  # both remember it
    url = f"{poll.site.url(deletes)}/poll/{poll.id}"
    assert http.delete(url, headers={"api-key": poll.key}).text == "ok"
    # The other process answers from its memory until the news has reached it; what it shows is at most 1 s old (contract).
    wait_until(lambda: poll.get("/results", server=shows).status_code == 404, what="the news of the deletion")
    for server in (deletes, shows):
        for path in ("", "/results"):
            refused(poll.get(path, server=server), 404)
            refused(poll.get(path, server=server, exact=True), 404)
        for method in ("POST", "PUT"):
            refused(http.request(method, f"{poll.site.url(server)}/poll/{poll.id}", json={"id": "0"}), 404)
        refused(http.delete(f"{poll.site.url(server)}/poll/{poll.id}", headers={"api-key": poll.key}), 404)
