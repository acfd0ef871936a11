"""Forms behind proxies that hide the page's origin, name or scheme: believed where that is safe, else the operator is told."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import pytest
from django.core.checks import run_checks
from django.test import Client
from pytest_django.fixtures import Settings

from core.allowed_hosts import as_addressed, is_ours
from core.cors import cors_headers, is_allowed, may_ask
from realtime.door import refusal_of
from venues.commands import create_user
from web.proxies.help import shown

HOST = "line.example.com"
OPERATOR = "For those who run this site"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def names(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [HOST, "127.0.0.1"]
    settings.TRUSTED_PROXIES = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def sent(host: str = HOST, **headers: str) -> Any:
    """A form of our own page, with all that its token needs."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    browser = Client(enforce_csrf_checks=True, headers={"host": host, **named})
    browser.get("/")
    token = browser.cookies["csrftoken"].value
    form = {
        "csrfmiddlewaretoken": token,
        "event_name": "Friday",
        "max_guests": "60",
        "call_window_s": "120",
        "key": str(uuid4()),
    }
    return browser.post("/", form)


TLS = {"x_forwarded_proto": "https"}
OURS: Mapping[str, dict[str, str]] = {
    "plain": {"origin": f"http://{HOST}"},
    "TLS, announced": {**TLS, "origin": f"https://{HOST}"},
    "TLS, not announced": {"origin": f"https://{HOST}"},
    "TLS, announced as plain by a second proxy": {"x_forwarded_proto": "http", "origin": f"https://{HOST}"},
    "no-referrer": {"origin": "null", "sec_fetch_site": "same-origin"},
    "no-referrer over TLS": {**TLS, "origin": "null", "sec_fetch_site": "same-origin"},
    "neither Origin nor Referer over TLS": {**TLS, "sec_fetch_site": "same-origin"},
    "a port that browsers leave out": {"host": f"{HOST}:443", "origin": f"https://{HOST}"},
    "the other one": {"host": f"{HOST}:80", "origin": f"http://{HOST}"},
}
FOREIGN: Mapping[str, dict[str, str]] = {
    "another site": {"origin": "https://evil.example"},
    "another site that claims more": {"origin": "https://evil.example", "sec_fetch_site": "same-origin"},
    "null": {"origin": "null"},
    "null, cross-site": {"origin": "null", "sec_fetch_site": "cross-site"},
    "null, same-site": {"origin": "null", "sec_fetch_site": "same-site"},
    "null, none": {"origin": "null", "sec_fetch_site": "none"},
    "a plain page, to TLS": {**TLS, "origin": f"http://{HOST}"},
    "nothing at all, to TLS": TLS,
    "nothing, cross-site, to TLS": {**TLS, "sec_fetch_site": "cross-site"},
    "another port": {"origin": f"https://{HOST}:8443"},
    "a sibling": {"origin": "https://evil.line.example.com", "sec_fetch_site": "same-site"},
    "a name in a name": {"origin": f"https://{HOST}@evil.example"},
    "no scheme": {"origin": HOST},
}


@pytest.mark.parametrize("how", OURS)
def test_a_form_of_our_own_page_is_taken(how: str) -> None:
    answer = sent(**OURS[how])
    assert answer.status_code == 303, answer.content.decode()


@pytest.mark.parametrize("how", FOREIGN)
def test_a_form_of_another_page_is_not(how: str) -> None:
    assert sent(**FOREIGN[how]).status_code == 403


@pytest.mark.parametrize("how", [how for how in OURS if "sec_fetch_site" in OURS[how]])
def test_the_token_is_still_asked_for(how: str) -> None:
    headers = {name.replace("_", "-"): value for name, value in OURS[how].items()}
    answer = Client(enforce_csrf_checks=True, headers={"host": HOST, **headers}).post("/", {"event_name": "Friday"})
    assert answer.status_code == 403
    assert OPERATOR not in answer.content.decode()


# ---------------------------------------------------------------------------------------------------- the operator is told
TOLD = [
    ({"host": "127.0.0.1:8000", "origin": f"https://{HOST}", "sec_fetch_site": "same-origin"}, "host", HOST),
    ({"host": "127.0.0.1:8000", "origin": f"http://{HOST}"}, "host", "127.0.0.1:8000"),
    ({"host": "127.0.0.1:8000", **TLS, "referer": f"https://{HOST}/"}, "host", HOST),
    ({**TLS, "origin": f"http://{HOST}", "sec_fetch_site": "same-origin"}, "https", "X-Forwarded-Proto"),
    ({"origin": "null"}, "referrer-policy", "no-referrer"),
    (TLS, "referrer-policy", "no-referrer"),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "section", "advice"), TOLD)
def test_the_error_page_tells_the_operator_what_to_change(headers: dict[str, str], section: str, advice: str) -> None:
    answer = sent(**headers)
    text = answer.content.decode()
    assert answer.status_code == 403
    assert OPERATOR in text
    assert advice in text
    assert f'href="/help/proxies#{section}"' in text
    assert f'id="{section}"' in shown()
    assert "too old" not in text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_is_told_nothing_of_proxies(site: str) -> None:
    answer = sent(origin="https://evil.example", sec_fetch_site=site)
    assert answer.status_code == 403
    assert OPERATOR not in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/sign-in", "/queue/ABCDEF"])
def test_a_name_that_is_not_ours_is_named_to_the_operator(path: str) -> None:
    answer = Client(headers={"host": "other.example"}).get(path)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "other.example" in text
    assert "ALLOWED_HOSTS" in text
    odd = Client(headers={"host": "<b>x</b>"}).get(path)
    assert odd.status_code == 400
    assert "<b>x" not in odd.content.decode()


def test_what_to_change_can_be_read_without_an_account() -> None:
    text = Client(headers={"host": HOST}).get("/help/proxies").content.decode()
    for word in (
        'id="apache"',
        'id="nginx"',
        'id="caddy"',
        'id="traefik"',
        "ProxyPreserveHost On",
        "&lt;VirtualHost *:443&gt;",
    ):
        assert word in text
    for left_over in ("```", "<p>#", "**"):
        assert left_over not in text.partition("<article")[2]


# ------------------------------------------------------------------------------------------- a proxy that rewrites the Host
def scope(host: str, told: str | None = None, *more: tuple[bytes, bytes]) -> dict[str, Any]:
    headers = [(b"host", host.encode()), *([(b"x-forwarded-host", told.encode())] if told is not None else []), *more]
    return {"type": "http", "method": "POST", "path": "/", "http_version": "1.1", "headers": headers}


def host_of(asked: Mapping[str, Any]) -> str:
    return dict(asked["headers"])[b"host"].decode()


@pytest.mark.parametrize(
    ("proxies", "told", "host"),
    [
        (1, HOST, HOST), (1, f"{HOST}:8443", f"{HOST}:8443"), (1, f"evil.example, {HOST}", HOST), (1, "", "127.0.0.1:8000"),
        (1, " , ", "127.0.0.1:8000"), (2, f"evil.example, {HOST}, 10.0.0.1", HOST), (2, HOST, HOST),
        (0, HOST, "127.0.0.1:8000"), (0, "evil.example", "127.0.0.1:8000"), (1, "127.0.0.1", "127.0.0.1:8000"),
        (1, "127.0.0.1:8443", "127.0.0.1:8443"), (1, None, "127.0.0.1:8000"),
    ],
)  # fmt: skip
def test_the_name_is_the_one_our_own_proxy_was_asked_for(
    proxies: int, told: str | None, host: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert host_of(as_addressed(scope("127.0.0.1:8000", told))) == host


def test_a_name_that_leads_to_the_proxy_is_still_foreign(settings: Settings) -> None:
    """DNS rebinding, through a proxy that writes over the Host."""
    evil = (b"origin", b"http://evil.example")
    assert not is_ours(as_addressed(scope("127.0.0.1:8000", "evil.example", evil)))
    assert refusal_of(as_addressed(scope("127.0.0.1:8000", "evil.example", evil))) == 400
    assert refusal_of(as_addressed(scope("127.0.0.1:8000", HOST, evil))) == 403
    assert refusal_of(as_addressed(scope("127.0.0.1:8000", HOST, (b"origin", f"https://{HOST}".encode())))) == 0
    settings.TRUSTED_PROXIES = 0
    assert refusal_of(as_addressed(scope("evil.example", HOST, evil))) == 400


def test_apis_and_sockets_read_the_same_evidence() -> None:
    null, same, cross = (b"origin", b"null"), (b"sec-fetch-site", b"same-origin"), (b"sec-fetch-site", b"cross-site")
    assert may_ask(scope(HOST, None, null, same))
    assert not may_ask(scope(HOST, None, null, cross))
    assert not may_ask(scope(HOST, None, null))
    assert refusal_of(scope(HOST, None, null, same)) == 0
    assert refusal_of(scope(HOST, None, null)) == 403
    assert cors_headers(scope(HOST, None, null, same)) == [(b"vary", b"origin")], "null may be any page"
    assert not is_allowed("https://evil.example", HOST, "same-origin")


# ------------------------------------------------------------------------------------------------------------ the check page
def staff(settings: Settings, headers: Mapping[str, str] = MappingProxyType({}), *, is_staff: bool = True) -> Client:
    settings.ALLOWED_HOSTS = [HOST]
    user = create_user(email="boss@example.com", password="a long pass phrase", is_staff=is_staff)  # noqa: S106
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(enforce_csrf_checks=True, headers={"host": HOST, **named})
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_only_staff_may_see_the_check_page(settings: Settings) -> None:
    asked = Client(headers={"host": HOST}).get("/healthz/proxy")
    assert (asked.status_code, asked["Location"]) == (302, "/sign-in?next=/healthz/proxy")
    assert Client(headers={"host": HOST}).post("/healthz/proxy").status_code == 403
    host = staff(settings, is_staff=False)
    assert host.get("/healthz/proxy").status_code == 404
    assert host.get("/healthz/proxy/nothing").status_code == 404


V4 = "198.51.100.7"
SEEN = [
    (1, True, {**TLS, "x_forwarded_for": V4}, []),
    (1, True, {"x_forwarded_for": V4}, ["HTTPS=on is set"]),
    (1, True, TLS, ["append to X-Forwarded-For"]),
    (2, True, {**TLS, "x_forwarded_for": V4}, ["1 of the 2 entries"]),
    (1, False, {**TLS, "x_forwarded_for": V4}, ["Set HTTPS=on"]),
    (
        0,
        False,
        {**TLS, "x_forwarded_for": V4},
        ["X-Forwarded-Proto: set TRUSTED_PROXIES", "the number of proxies in front"],
    ),
    (0, False, {"forwarded": f"for={V4}"}, ["the number of proxies in front", "private network"]),
    (0, False, {"x_forwarded_host": "other.example"}, ["Let the proxy pass the Host on", "private network"]),
    (0, False, {}, ["private network"]),
]


@pytest.mark.parametrize(("proxies", "https", "headers", "advice"), SEEN)
def test_the_check_page_says_what_the_program_sees(
    proxies: int, https: bool, headers: dict[str, str], advice: list[str], settings: Settings
) -> None:
    settings.TRUSTED_PROXIES, settings.HTTPS = proxies, https
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if proxies else None
    text = staff(settings, headers).get("/healthz/proxy").content.decode()
    seen = text.partition("What Tallyline sees")[2].partition("What this browser sees")[0]
    assert seen.count('class="check"') == 3
    assert seen.count(">How</a>") == len(advice), seen
    for sentence in advice:
        assert sentence in seen
    assert (f"{V4} (from X-Forwarded-For)" in seen) == bool(proxies and "x_forwarded_for" in headers)
    for section in re.findall(r'/help/proxies#([\w-]+)"', text):
        assert f'id="{section}"' in shown(), section


def test_its_form_is_a_real_one(settings: Settings) -> None:
    client = staff(settings)
    client.get("/healthz/proxy")
    form = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    sent = client.post("/healthz/proxy", form, headers={"accept": "application/json", "origin": f"http://{HOST}"})
    assert (sent.status_code, sent.json()["bytes"] > 30) == (200, True)
    assert client.post("/healthz/proxy", form, headers={"origin": f"http://{HOST}"}).status_code == 302
    assert client.post("/healthz/proxy", form, headers={"origin": "https://evil.example"}).status_code == 403


# ------------------------------------------------------------------------------------------------- manage.py check --deploy
@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"HTTPS": True, "TRUSTED_PROXIES": 1, "ALLOWED_HOSTS": [HOST]}, set()),
        ({"HTTPS": True, "TRUSTED_PROXIES": 0, "ALLOWED_HOSTS": [HOST]}, {"tallyline.W001"}),
        ({"HTTPS": True, "TRUSTED_PROXIES": 1, "ALLOWED_HOSTS": [HOST, "private"]}, {"tallyline.W002"}),
        ({"HTTPS": True, "TRUSTED_PROXIES": 1, "ALLOWED_HOSTS": ["*"]}, {"tallyline.W003"}),
        (
            {"HTTPS": True, "TRUSTED_PROXIES": 1, "ALLOWED_HOSTS": [f"https://{HOST}", "b.example:443"]},
            {"tallyline.W004"},
        ),
        ({"HTTPS": False, "TRUSTED_PROXIES": 0, "ALLOWED_HOSTS": ["private"]}, set()),
    ],
)
def test_the_deployment_check_says_what_can_be_known_before(
    changed: dict[str, Any], found: set[str], settings: Settings
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    warnings = run_checks(tags=["proxies"], include_deployment_checks=True)
    assert {warning.id for warning in warnings} == found
    assert all(warning.hint for warning in warnings)
    assert run_checks(tags=["proxies"]) == []
