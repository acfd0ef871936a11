"""deploy/nginx.conf in the real nginx: the headers of each answer, and TLS."""

import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from core.api_paths import is_api
from core.headers import security_headers
from tests.contracts.queueup import Line
from tests.deploy.certificates import self_signed
from tests.deploy.nginx import Nginx, poll
from tests.installation import Stack, free_port

HSTS = "max-age=31536000; includeSubDomains; preload"


@pytest.fixture(scope="module", params=["rsa", "ec"])
def tls(request: pytest.FixtureRequest, site: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx with deploy/nginx-tls.conf and a certificate of this kind."""
    folder = tmp_path_factory.mktemp("tls")
    made = Nginx(folder, site.ports["web"])
    key = rsa.generate_private_key(65537, 2048) if request.param == "rsa" else ec.generate_private_key(ec.SECP256R1())
    made.add_tls(*self_signed(folder, key))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx before a Tallyline that is not there."""
    made = Nginx(tmp_path_factory.mktemp("lonely"), free_port()).start()
    yield made
    made.stop()


def carries_our_headers(answer: httpx.Response, *, document: bool = True, secure: bool = False) -> None:
    """Each header once, with the value that Django's settings give it."""
    wanted = {name.decode(): value.decode() for name, value in security_headers(secure=secure)}
    if secure:
        wanted["strict-transport-security"] = HSTS
    else:
        assert "strict-transport-security" not in answer.headers
    for name, value in wanted.items():
        found = answer.headers.get_list(name)
        if document or name in {"x-content-type-options", "strict-transport-security"}:
            assert len(found) == 1, (answer.request.url, answer.status_code, name, found)
            assert sorted(found[0].split("; ")) == sorted(value.split("; ")), answer.request.url


def test_what_nginx_answers_itself_carries_our_headers(nginx: Nginx, lonely: Nginx) -> None:
    own = [
        (httpx.get(f"{nginx.url}/metrics"), 404),
        (httpx.post(f"{nginx.url}/api/queue/create", content=b"x" * 600_000), 413),
        (httpx.post(f"{nginx.url}/poll", content=b"x" * 600_000), 413),
        (httpx.post(f"{nginx.url}/queue", content=b"x" * 3_000_000), 413),
        (httpx.get(f"{nginx.url}/", headers={"X-Long": "x" * 40_000}), 400),
        (httpx.get(f"{nginx.url}/{'x' * 40_000}"), 414),
        (httpx.request("TRACE", f"{nginx.url}/"), 405),
        (httpx.get(f"{lonely.url}/"), 503),
        (httpx.get(f"{lonely.url}/healthz"), 503),
        (httpx.get(f"{lonely.url}/api/queue/ABCDEF/snapshot"), 503),
        (httpx.get(f"{lonely.url}/api/queue/ABCDEF/snapshot", headers={"Cookie": "sessionid=x"}), 503),
        (httpx.post(f"{lonely.url}/api/queue/create", json={}), 503),
        (httpx.get(f"{lonely.url}/poll/x"), 503),
    ]
    for answer, status in own:
        assert answer.status_code == status, answer.request.url
        carries_our_headers(answer)
        if is_api(answer.request.url.path):
            assert answer.headers["content-type"] == "application/json"
            assert list(answer.json()) == ["error"]
    for path in ("here.css", "assets/here-Ab_9-xyz.css"):
        static = httpx.get(f"{nginx.url}/static/{path}")
        again = httpx.get(f"{nginx.url}/static/{path}", headers={"If-None-Match": static.headers["etag"]})
        assert (static.status_code, again.status_code) == (200, 304)
        for answer in (static, again):
            assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
            assert len(answer.headers.get_list("cache-control")) == 1


def test_what_passes_through_carries_them_once(line: Line, nginx: Nginx) -> None:
    made = poll(nginx)
    for path in (
        "/",
        "/healthz",
        f"/api/queue/{line.code}/snapshot",
        f"/poll/{made['id']}",
        "/api/nothing",
        "/nowhere",
        "/offline",
    ):
        for sent in ({}, {"Cookie": "sessionid=x"}):
            answer = httpx.get(nginx.url + path, headers=sent)
            polled = "x-cache" in answer.headers
            assert polled == (path.endswith("/snapshot") and not sent)
            carries_our_headers(answer, document=not polled)
            assert ("content-security-policy" in answer.headers) != polled, (
                "data that all guests poll needs no policy of documents"
            )
    carries_our_headers(httpx.get(f"{nginx.url}/static/img/icon.svg"), document=False)
    carries_our_headers(httpx.get(f"{nginx.url}/static/nothing.css"), document=False)
    for sent in ({}, {"Cookie": "sessionid=x"}):
        known = line.snapshot(sent=sent).headers["etag"]
        unchanged = line.snapshot(sent={**sent, "If-None-Match": known})
        assert unchanged.status_code == 304
        assert unchanged.headers.get_list("x-content-type-options") == ["nosniff"]


def test_with_a_certificate_everything_goes_by_https(tls: Nginx) -> None:
    moved = httpx.post(f"{tls.url}/api/queue/create?x=1", json={})
    assert (moved.status_code, moved.headers["location"]) == (308, "https://127.0.0.1/api/queue/create?x=1")
    carries_our_headers(moved)
    with httpx.Client(verify=False, base_url=f"https://127.0.0.1:{tls.tls_port}") as client:  # noqa: S501 — made for this test
        assert client.get("/healthz").status_code == 200
        for own in (client.get("/metrics"), client.post("/api/queue/create", content=b"x" * 600_000)):
            carries_our_headers(own, secure=True)
    plain = httpx.get(f"http://127.0.0.1:{tls.tls_port}/")
    assert plain.status_code == 400
    carries_our_headers(plain)


# What browsers of the last ten years speak, and what none should (https://wiki.mozilla.org/Security/Server_Side_TLS).
GOOD = ("ECDHE+AESGCM", "ECDHE+CHACHA20")


BAD = (
    "AES128-SHA", "AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "ECDHE+AES128:!AESGCM:!AESCCM",
    "ECDHE+SHA384:!AESGCM", "kRSA",
)  # fmt: skip


def handshake(nginx: Nginx, ciphers: str, version: ssl.TLSVersion) -> str:
    """The cipher that nginx agrees to. Raises ssl.SSLError, or OSError where it hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = version
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", nginx.tls_port), timeout=10) as plain,
        context.wrap_socket(plain) as secure,
    ):
        agreed = secure.cipher()
        assert agreed is not None
        return agreed[0]


def test_tls_is_mozillas_intermediate(tls: Nginx) -> None:
    for ciphers in GOOD:
        assert handshake(tls, ciphers, ssl.TLSVersion.TLSv1_2).startswith("ECDHE-")
    assert handshake(tls, "ALL", ssl.TLSVersion.TLSv1_3).startswith("TLS_")
    for ciphers in BAD:
        with pytest.raises(OSError):  # of which SSLError is one
            handshake(tls, ciphers, ssl.TLSVersion.TLSv1_2)
    with pytest.raises(OSError):
        handshake(tls, "ALL", ssl.TLSVersion.TLSv1_1)
