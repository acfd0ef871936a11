"""Contract queueup.md, "Basics": codes, host proof, what is unknown, what is not JSON."""

import base64
import hashlib
import hmac
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contracts.queueup import ACTIONS, ALPHABET, GUEST_PATHS, HOST_ACTIONS, Line, host_view, http, refused, state
from tests.installation import Stack

# A body with which each host action would succeed or fail for its own reasons, were the host proven.
PARTY = {"partyId": str(uuid4()), "position": 1}


def test_codes_are_six_letters_of_the_alphabet_and_differ(stack: Stack) -> None:
    codes = [Line.open(stack).code for _ in range(12)]
    assert len(set(codes)) == 12
    assert all(len(code) == 6 and set(code) <= ALPHABET for code in codes)


def test_a_code_is_accepted_in_any_case(line: Line) -> None:
    small = line.api.replace(line.code, line.code.lower())
    mixed = line.api.replace(line.code, line.code[:3].lower() + line.code[3:])
    party = http.post(f"{small}/join", json={"name": "Ada"}).json()
    assert http.get(f"{mixed}/snapshot", params={"partyId": party["partyId"]}).json()["position"] == 1
    assert http.post(f"{small}/close", json={}, headers={"x-host-auth": line.token}).json() == {"ok": True}


def test_a_code_that_is_taken_is_not_given_again(stack: Stack) -> None:
    assert stack.sql(
        "SELECT 1 FROM pg_indexes WHERE tablename = 'queues_queue' AND indexdef LIKE 'CREATE UNIQUE%%(code)'"
    )


def test_the_host_token_is_session_id_dot_base64url_of_a_sha256_hmac(line: Line, other: Line) -> None:
    session, _, mac = line.token.partition(".")
    assert session == line.session_id
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", mac)
    assert len(base64.urlsafe_b64decode(mac + "=")) == hashlib.sha256().digest_size
    # The session id alone is not enough to make it.
    assert mac != base64.urlsafe_b64encode(hmac.digest(b"", session.encode(), "sha256")).rstrip(b"=").decode()
    assert mac != other.token.partition(".")[2]


# ------------------------------------------------------------------------------------------------------- who is a host
def test_every_path_that_changes_a_line_is_known_to_these_tests() -> None:
    assert {"create", "join", "declare-nearby", "leave", "advance", "kick", "close"} <= set(ACTIONS)
    assert len(HOST_ACTIONS) == len(ACTIONS) - len(GUEST_PATHS)


@pytest.fixture(scope="module")
def guarded(stack: Stack) -> tuple[Line, dict[str, Any], Line]:
    """A line, its only party, and the line of another host. Tests send actions to them that are refused."""
    line = Line.open(stack)
    return line, line.join("Ada"), Line.open(stack, eventName="Elsewhere")


@pytest.mark.parametrize("action", HOST_ACTIONS)
def test_without_proof_401_and_with_a_wrong_one_403_and_nothing_happens(
    action: str, guarded: tuple[Line, dict[str, Any], Line]
) -> None:
    line, party, other = guarded
    body = {"partyId": party["partyId"], "position": 1}
    before = state(line)
    refused(line.post(action, body), 401)
    session, _, mac = line.token.partition(".")
    wrong = [
        other.token,
        "nonsense",
        f"{session}.",
        f"{session}.{mac[:-1]}{'A' if mac[-1] != 'A' else 'B'}",
        f"{other.session_id}.{mac}",
        party["partyId"],
        "\xff\xfe",
    ]
    for token in wrong:
        answer = http.post(f"{line.api}/{action}", json=body, headers={b"x-host-auth": token.encode("latin-1")})
        refused(answer, 403)
    refused(line.post(action, body, Cookie=f"queue_host_auth={other.token}"), 403)
    assert state(line) == before


@pytest.mark.parametrize("action", ["advance", "close", "pause"])
def test_the_cookie_proves_a_host_too(action: str, line: Line) -> None:
    assert line.post(action, {}, Cookie=f"queue_host_auth={line.token}").status_code == 200


def test_the_header_is_tried_before_the_cookie(line: Line, other: Line) -> None:
    headers = {"x-host-auth": line.token, "Cookie": f"queue_host_auth={other.token}"}
    assert line.post("pause", {}, sent=headers).status_code == 200
    view = line.snapshot(sent=headers).json()
    assert view == host_view(line)


def test_the_cookie_is_found_beside_cookies_of_others(line: Line) -> None:
    """Analytics scripts and the like set cookies that no RFC knows."""
    jar = f'prefs={{"a":1}}; empty=; ; b[]=ä; queue_host_auth={line.token}; last="x'
    headers = {b"Cookie": jar.encode()}
    shown = http.get(f"{line.api}/snapshot", headers=headers).json()
    assert shown == host_view(line)
    assert http.post(f"{line.api}/pause", json={}, headers=headers).status_code == 200


def test_an_api_key_works_for_its_own_venues_lines_only(stack: Stack, line: Line, venue_key: str) -> None:
    made = http.post(
        f"{stack.url()}/api/queue/create", json={"eventName": "Ours", "maxGuests": 5}, headers={"api-key": venue_key}
    ).json()
    ours = Line(stack, made)
    assert ours.post("pause", {}, sent={"api-key": venue_key}).status_code == 200
    refused(line.post("pause", {}, sent={"api-key": venue_key}), 403)
    refused(ours.post("resume", {}, sent={"api-key": venue_key + "x"}), 403)


# ------------------------------------------------------------------------------------------------------ what is unknown
@pytest.mark.parametrize("code", ["ZZZZZZ", "AAAAA", "AAAAAAA", "ABC0O1", "äöüßéè", "%00", "A'--;"])
@pytest.mark.parametrize("action", [action for action in ACTIONS if action != "create"])
def test_an_unknown_code_is_404(action: str, code: str, stack: Stack, raw: httpx.Client) -> None:
    url = httpx.URL(f"{stack.url()}/api/queue/{code}/{action}")
    refused(raw.post(url, json=PARTY, headers={"x-host-auth": "x.y"}), 404)


@pytest.mark.parametrize("code", ["ZZZZZZ", "AAAAA", "ABC0O1", "äöüßéè", "%00"])
def test_the_snapshot_of_an_unknown_code_is_404(code: str, raw: httpx.Client) -> None:
    refused(raw.get(f"/api/queue/{code}/snapshot"), 404)
    refused(raw.get(f"/api/queue/{code}/snapshot", params={"partyId": str(uuid4())}), 404)


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/queue", "/api/queue/", "/api/queue/{}", "/api/queue/{}/", "/api/queue/{}/nothing", "/api/%ff"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_404(method: str, path: str, line: Line, raw: httpx.Client) -> None:
    refused(raw.request(method, path.format(line.code)), 404)


# ------------------------------------------------------------------------------------------------------ what is not JSON
NOT_JSON = [
    b"{",
    b"nonsense",
    b"name=Ada",
    b"\xff\xfe",
    b'{"a":}',
    b"{'a': 1}",
    b'{"size": NaN}',
    b"[",
    b'"',
    b"{}x",
    b" ",
]
NOT_AN_OBJECT = [b"[]", b"null", b"7", b'"text"', b"true", b'[{"name": "Ada"}]']


@pytest.mark.parametrize("content", NOT_JSON + NOT_AN_OBJECT)
@pytest.mark.parametrize("action", ["create", "join", "leave", "advance", "kick", "close"])
def test_a_body_that_is_no_json_object_is_400(action: str, content: bytes, line_kept: Line, raw: httpx.Client) -> None:
    path = "/api/queue/create" if action == "create" else f"/api/queue/{line_kept.code}/{action}"
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        headers = {"x-host-auth": line_kept.token, "content-type": kind}
        refused(raw.post(path, content=content, headers=headers), 400)


@pytest.fixture(scope="module")
def line_kept(stack: Stack) -> Line:
    """A line that no test of bad bodies may close, which the last of them would."""
    return Line.open(stack)


@pytest.mark.parametrize(("path", "allowed"), [("create", "POST"), ("{}/join", "POST"), ("{}/snapshot", "GET")])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_a_wrong_method_is_405(method: str, path: str, allowed: str, line_kept: Line, raw: httpx.Client) -> None:
    if method == allowed:
        return
    answer = raw.request(method, f"/api/queue/{path.format(line_kept.code)}", json={})
    refused(answer, 405)
    assert allowed in answer.headers["allow"]
