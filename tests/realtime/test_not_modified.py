"""realtime/not_modified.py: the short way of a 304 answers what the long way answers, and only to whom it may."""

import uuid

import httpx
import pytest

from tests.contracts.queueup import Line
from tests.installation import LISTED_ORIGIN, Stack


@pytest.fixture
def server() -> str:
    return "web"


def parts(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """An answer without its time."""
    return answer.status_code, answer.content, sorted(pair for pair in answer.headers.items() if pair[0] != "date")


def test_it_is_what_the_views_say(line: Line) -> None:
    line.join("Ada")
    etag = line.snapshot().headers["etag"]
    short = line.snapshot(sent={"If-None-Match": etag})
    assert short.status_code == 304
    # So do a list and a tag that a proxy has marked weak.
    for known in (f'"0123456789abcdef", {etag}', f"W/{etag}"):
        assert parts(line.snapshot(sent={"If-None-Match": known})) == parts(short)
    line.join("Ben")
    assert line.snapshot(sent={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("how", ["header", "cookie"])
def test_a_client_that_may_see_more_is_shown_it(how: str, line: Line) -> None:
    """A browser that looked as a guest has the public ETag when it looks as the host."""
    line.join("Ada")
    etag = line.snapshot().headers["etag"]
    proof = {"x-host-auth": line.token} if how == "header" else {"Cookie": f"queue_host_auth={line.token}"}
    shown = line.snapshot(sent={**proof, "If-None-Match": etag})
    assert shown.status_code == 200
    assert shown.json()["queue"][0]["name"] == "Ada"


@pytest.mark.parametrize("who", ["stranger", "guest", "host", "page"])
def test_the_short_way_answers_as_the_long_way_does(who: str, line: Line) -> None:
    """A cookie, of whatever kind, makes a request take the long way."""
    party = line.join("Ada")["partyId"]
    sent = {"host": {"x-host-auth": line.token}, "page": {"Origin": LISTED_ORIGIN}}.get(who, {})
    guest = party if who == "guest" else None
    first = line.snapshot(guest, sent=sent)
    known = {**sent, "If-None-Match": first.headers["etag"]}
    short, long = line.snapshot(guest, sent=known), line.snapshot(guest, sent={**known, "Cookie": "other=1"})
    assert parts(short) == parts(long)
    assert short.status_code == 304
    assert short.headers.get("access-control-allow-origin") == (LISTED_ORIGIN if who == "page" else None)
    line.join("Ben")
    assert line.snapshot(guest, sent=known).status_code == 200


def test_a_host_whose_token_was_renewed_is_none_any_more(line: Line) -> None:
    known = {
        "x-host-auth": line.token,
        "If-None-Match": line.snapshot(sent={"x-host-auth": line.token}).headers["etag"],
    }
    assert line.snapshot(sent=known).status_code == 304
    renewed = httpx.post(f"{line.api}/renew-token", headers={"x-host-auth": line.token})
    assert renewed.status_code == 200, renewed.text
    assert line.snapshot(sent=known).status_code == 403


@pytest.mark.parametrize("name", ["host", "console", "public", "whole", "since:1"])
def test_the_name_of_a_view_is_no_party(name: str, line: Line) -> None:
    """The views of hosts are kept beside those of parties, and hold names."""
    line.join("Ada")
    host = {"x-host-auth": line.token}
    assert line.snapshot(sent=host).status_code == httpx.get(f"{line.api}/console", headers=host).status_code == 200
    line.snapshot()
    assert line.snapshot(name).status_code == 404


def test_guests_methods_and_foreign_pages_take_the_long_way(line: Line, site: Stack) -> None:
    party = line.join("Ada")["partyId"]
    known = {"If-None-Match": line.snapshot().headers["etag"]}
    assert line.snapshot(party, sent=known).json()["type"] == "position"
    among_others = httpx.get(f"{line.api}/snapshot?other=1&partyId={party}", headers=known)
    assert (among_others.status_code, among_others.headers["etag"]) == (200, line.snapshot(party).headers["etag"])
    assert line.snapshot(sent={**known, "Origin": "https://evil.example"}).status_code == 403
    assert line.snapshot(sent={**known, "x-host-auth": "wrong"}).status_code == 403
    url = f"{line.api}/snapshot"
    assert httpx.post(url, headers=known).status_code == 405
    assert httpx.head(url, headers=known).status_code == 304
    assert httpx.get(url.replace(line.code, "ZZZZZZ"), headers=known).status_code == 404


@pytest.mark.parametrize("dedupe", ["token", "address"])
def test_counts_are_not_hidden_from_voters(dedupe: str, site: Stack) -> None:
    """A voter asks with the ETag of what was hidden from them before."""
    made = site.open_poll(visibility="after_voting", dedupe=dedupe)
    url = f"{site.url()}/api/polls/{made['id']}"
    hidden = httpx.get(f"{url}/results")
    known = {"If-None-Match": hidden.headers["etag"]}
    assert httpx.get(f"{url}/results", headers=known).status_code == 304
    assert httpx.get(f"{url}/results", headers={**known, "x-host-auth": made["hostToken"]}).json()["ballots"] == 0
    voted = httpx.post(f"{url}/ballots", json={"ballotId": str(uuid.uuid4()), "choices": [0]})
    assert voted.status_code == 201
    cookie = {"Cookie": voted.headers["set-cookie"].split(";")[0]} if dedupe == "token" else {}
    shown = httpx.get(f"{url}/results", headers={**known, **cookie})
    assert shown.status_code == 200
    assert shown.json()["hidden"] is False
