"""Law 6: Django's requests as whole jobs on a few threads, behind the real servers and over real sockets."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.program

ROOT = Path(__file__).resolve().parents[2]
SERVERS = {
    "uvicorn": ["-m", "uvicorn", "--log-level", "warning", "--no-proxy-headers", "--fd"],
    "daphne": ["-m", "daphne", "-v", "0", "--fd"],
}
keys = (f"visit{number}" for number in count())


class Site:
    """threadjob_site.py, served by `kind` on a free port of this machine."""

    def __init__(self, kind: str, log: Path) -> None:
        self.kind = kind
        self.log = log
        with socket.create_server(("127.0.0.1", 0)) as listening, log.open("wb") as output:
            # It listens before the server runs: the first request waits in the backlog, nobody has to poll.
            self.address = listening.getsockname()[:2]
            descriptor = str(listening.fileno())
            path = os.pathsep.join([str(Path(__file__).parent), str(ROOT)])
            self.process = subprocess.Popen(
                [sys.executable, *SERVERS[kind], descriptor, "threadjob_site:application"],
                env={**os.environ, "PYTHONPATH": path},
                cwd=ROOT,
                pass_fds=[listening.fileno()],
                stdout=output,
                stderr=output,
            )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.address[1]}", timeout=20)

    def control(self, what: str) -> Any:
        return self.http.get(f"/control/{what}").json()

    def marks(self) -> dict[str, int]:
        marks: dict[str, int] = self.control("marks")
        return marks

    def connect(self, path: str, *headers: str, method: str = "GET") -> socket.socket:
        """A raw connection on which a request has been sent."""
        raw = socket.create_connection(self.address, timeout=20)
        raw.sendall("\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode("latin-1"))
        return raw

    def stop(self) -> int:
        """Asks the server to end; its exit status. Raises TimeoutExpired when it does not."""
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=8)
        finally:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module", params=list(SERVERS))
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(request.param, tmp_path_factory.mktemp("site") / "log")
    yield site
    site.stop()


@pytest.fixture
def key() -> str:
    return next(keys)


def read_all(raw: socket.socket) -> bytes:
    return b"".join(iter(lambda: raw.recv(65536), b""))


# ---------------------------------------------------------------------------------------------------------- streaming
@pytest.mark.parametrize("length", ["", "?length"])
def test_the_first_chunk_arrives_before_the_second_is_made(site: Site, key: str, length: str) -> None:
    with site.http.stream("GET", f"/stream/{key}{length}") as answer:
        chunks = answer.iter_raw()
        assert next(chunks) == b"first"
        site.control(f"open/{key}")
        assert b"".join(chunks) == b"second"
    assert site.control(f"wait/closed:{key}")


@pytest.mark.parametrize(("way", "text"), [("written", "written, returned"), ("started-late", "late")])
def test_other_ways_of_wsgi_to_answer(site: Site, way: str, text: str) -> None:
    assert site.http.get(f"/{way}").text == text


# -------------------------------------------------------------------------------------------------------------- bodies
@pytest.mark.parametrize("size", [0, 10, 70_000, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_arrives_whole(site: Site, size: int, chunked: bool) -> None:
    body = os.urandom(size)
    pieces = (body[at : at + 50_000] for at in range(0, size, 50_000))
    heard = site.http.post("/echo", content=pieces if chunked else body).json()
    assert heard == {
        "length": size,
        "sha256": hashlib.sha256(body).hexdigest(),
        "told": str(size) if size else heard["told"],
    }


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_refused_in_words_the_client_can_read(site: Site, chunked: bool) -> None:
    for path, kind in [("/api/small", "application/json"), ("/small", "text/plain; charset=utf-8")]:
        for size in (1001, 2_000_000):
            body = bytes(size)
            answer = site.http.post(path, content=iter([body]) if chunked else body)
            assert (answer.status_code, answer.headers["content-type"]) == (413, kind)
            assert answer.headers["connection"] == "close"
    assert site.http.post("/api/small", content=bytes(1001)).json() == {"error": "The request body is too large"}
    assert site.http.post("/api/small", content=bytes(1000)).json()["length"] == 1000


def test_a_refused_client_may_finish_what_it_is_saying(site: Site) -> None:
    with site.connect("/small", "Content-Length: 3000000", method="POST") as raw:
        raw.sendall(bytes(3_000_000))
        assert raw.recv(12) == b"HTTP/1.1 413"


def test_a_body_announced_too_long_is_refused_before_it_comes(site: Site) -> None:
    if site.kind == "daphne":
        pytest.skip("daphne reads the whole body before it calls the application")
    with site.connect("/small", "Content-Length: 50000000", method="POST") as raw:
        assert raw.recv(12) == b"HTTP/1.1 413"
        raw.shutdown(socket.SHUT_WR)
        read_all(raw)  # ends: the server closed


# ------------------------------------------------------------------------------------------------- a client goes away
def test_a_client_that_leaves_the_line_is_never_served(site: Site, key: str) -> None:
    with ThreadPoolExecutor() as others:
        first = others.submit(site.http.get, f"/slow/{key}a", headers={"pool": "one"})
        assert site.control(f"wait/begun:{key}a")
        leaver = site.connect(f"/slow/{key}b", "Pool: one")
        site.control("waiting/1")
        leaver.close()
        site.control("waiting/0")
        site.control(f"open/{key}a")
        assert first.result().text == "slow"
    assert site.http.get("/show", headers={"pool": "one"}).is_success
    assert f"begun:{key}b" not in site.marks()


def test_a_job_runs_to_its_end_when_the_client_leaves(site: Site, key: str) -> None:
    site.connect(f"/slow/{key}").close()
    assert site.control(f"wait/begun:{key}")
    site.control(f"open/{key}")
    assert site.control(f"wait/ended:{key}")
    assert site.control(f"wait/closed:{key}")


def test_a_stream_stops_and_is_closed_in_its_thread_when_the_client_leaves(site: Site, key: str) -> None:
    with site.connect(f"/endless/{key}") as raw:
        assert raw.recv(12) == b"HTTP/1.1 200"
    assert site.control(f"wait/closed:{key}")
    marks = site.marks()
    assert (marks[f"closed:{key}"], marks[f"closed-in:django-:{key}"]) == (1, 1)


# -------------------------------------------------------------------------------------------------------------- errors
def test_an_error_is_a_bare_500_and_one_traceback_in_the_log(site: Site, key: str) -> None:
    api, page = site.http.get(f"/api/fail/{key}"), site.http.get("/fail/other")
    assert (api.status_code, api.json()) == (500, {"error": "Internal server error"})
    assert (page.status_code, page.text) == (500, "Internal server error")
    assert site.log.read_text().count(f"ValueError: secret words {key}") == 1


@pytest.mark.parametrize("length", ["", "?length"])
def test_an_error_after_the_headers_cuts_the_connection(site: Site, key: str, length: str) -> None:
    with site.connect(f"/fail-late/{key}{length}") as raw:
        heard = read_all(raw)  # ends: the server hung up
    assert b"part" in heard
    assert not heard.endswith(b"0\r\n\r\n")
    assert site.control(f"wait/closed:{key}")  # the job ends after the server has hung up
    assert site.log.read_text().count(f"ValueError: secret words {key}") == 1
    assert site.marks()[f"closed:{key}"] == 1


def test_an_answer_may_be_replaced_until_it_has_begun(site: Site) -> None:
    answer = site.http.get("/second-thought")
    assert (answer.status_code, answer.text, answer.headers.get("x-first")) == (409, "sorry", None)


def test_a_body_that_is_not_as_long_as_announced(site: Site, key: str) -> None:
    assert site.http.get("/too-short").status_code == 500
    assert site.http.get(f"/too-long/{key}").text == "12345"
    assert site.control(f"wait/closed:{key}")


# ------------------------------------------------------------------------------------------------- headers and statuses
def test_cookies_stay_apart_and_headers_are_latin_1(site: Site) -> None:
    answer = site.http.get("/cookies")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert dict(answer.headers.raw)[b"x-name" if site.kind == "uvicorn" else b"X-Name"] == b"caf\xe9"
    assert answer.headers["content-length"] == "2"


@pytest.mark.parametrize(("method", "status", "length"), [("HEAD", 200, "4"), ("GET", 204, None), ("GET", 304, None)])
def test_answers_without_a_body(site: Site, method: str, status: int, length: str | None) -> None:
    with site.connect(f"/bare/{status}", "Connection: close", method=method) as raw:
        head, _, body = read_all(raw).partition(b"\r\n\r\n")
    lines = (line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    headers = {name.lower(): value for name, value in lines}
    assert (headers.get("content-length"), headers["etag"], body) == (length, '"1"', b"")


def test_the_environ(site: Site) -> None:
    with site.connect(
        "/show/caf%C3%A9/%FF%2f?q=%C3%A9",
        "Connection: close",
        "Accept: a",
        "Accept: b",
        "Cookie: c=1",
        "Cookie: d=2",
        "X-Name: \xe9",
        "X_Spoofed: yes",
        "Proxy: evil",
        "X-Forwarded-For: 192.0.2.1",
        "X-Forwarded-Proto: https",
    ) as raw:
        seen = httpx.Response(200, content=read_all(raw).partition(b"\r\n\r\n")[2]).json()
        port = str(raw.getsockname()[1])
    wanted = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/show/caf\xc3\xa9/\xff/",
        "QUERY_STRING": "q=%C3%A9",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": port,
        "SERVER_PORT": str(site.address[1]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": "c=1; d=2",
        "HTTP_ACCEPT": "a,b",
        "HTTP_X_NAME": "\xe9",
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
    }
    assert {name: seen[name] for name in wanted} == wanted
    assert not seen.keys() & {"HTTP_X_SPOOFED", "HTTP_PROXY", "CONTENT_LENGTH", "CONTENT_TYPE", "wsgi.file_wrapper"}


# ------------------------------------------------------------------------------------------------- admission, and the end
def test_a_full_line_refuses_the_next(site: Site, key: str) -> None:
    with ThreadPoolExecutor() as others:
        first = others.submit(site.http.get, f"/slow/{key}a", headers={"pool": "one"})
        assert site.control(f"wait/begun:{key}a")
        second = others.submit(site.http.get, f"/slow/{key}b", headers={"pool": "one"})
        site.control("waiting/1")
        third = site.http.get("/api/show", headers={"pool": "one"})
        assert (third.status_code, third.headers["retry-after"]) == (503, "1")
        assert list(third.json()) == ["error"]
        site.control(f"open/{key}a")
        site.control(f"open/{key}b")
        assert [first.result().status_code, second.result().status_code] == [200, 200]


@pytest.mark.parametrize("kind", list(SERVERS))
def test_the_server_can_exit_while_a_client_does_not_read(kind: str, tmp_path: Path, key: str) -> None:
    site = Site(kind, tmp_path / "log")
    with site.connect(f"/endless/{key}") as raw:
        assert raw.recv(12) == b"HTTP/1.1 200"
        if kind == "uvicorn":  # waits for its clients unless told otherwise (--timeout-graceful-shutdown)
            raw.close()
        site.stop()
