"""Quality S12 without a browser: what a new phone receives behind deploy/nginx.conf, headers included, until it shows a place.
tests/browser/test_pages.py sees what scripts fetch besides."""

import re
import shutil
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from whitenoise.compress import Compressor

from benchmarks.s12_pages import MOST_KB, venues
from tests.deploy.nginx import Nginx
from tests.installation import ROOT, Stack

# What a browser loads with a page: not its manifest and the icon for a home screen.
LOADED = re.compile(r'<(?:link(?=[^>]* rel="(?:stylesheet|modulepreload|icon)")|script|img)[^>]* (?:href|src)="([^"]+)')


@pytest.fixture(scope="module")
def whole(site: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx with all static files, compressed as `collectstatic` does."""
    static = tmp_path_factory.mktemp("whole") / "static"
    shutil.copytree(ROOT / "frontend" / "dist", static)
    pack = Compressor(use_brotli=False, quiet=True)
    for file in [file for file in static.rglob("*.*") if pack.should_compress(file.name)]:
        pack.compress(str(file))
    made = Nginx(tmp_path_factory.mktemp("nginx"), site.ports["web"], static=static).start()
    yield made
    made.stop()


class Phone:
    """A browser without scripts that has never been here. `received`: bytes by address."""

    def __init__(self, origin: str) -> None:
        self._client = httpx.Client(base_url=origin, headers={"Accept-Encoding": "gzip"})
        self.received: dict[str, int] = {}

    def ask(self, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        """The answer, which is counted."""
        answer = self._client.request("POST" if form else "GET", path, data=form)
        head = f"{answer.http_version} {answer.status_code} {answer.reason_phrase}\r\n\r\n"
        fields = sum(len(name) + len(value) + len(": \r\n") for name, value in answer.headers.raw)
        self.received[f"{answer.request.method} {path}"] = len(head) + fields + answer.num_bytes_downloaded
        return answer

    def see(self, path: str) -> str:
        """The page, with all that it loads and is not here yet."""
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        for file in LOADED.findall(answer.text):
            if f"GET {file}" not in self.received:
                assert self.ask(file).status_code == 200, file
        return answer.text

    def join(self, path: str) -> None:
        """From the QR code's address to the first place shown."""
        page = self.see(path)
        if choice := re.search(r'class="button button-primary button-big"[^>]* href="([^"]+)"', page):
            page = self.see(choice[1])
        form = re.search(r'class="card" method="post" action="([^"]+)">\s*<input [^>]*value="(\w+)"', page)
        assert form, page
        line, token = form.groups()
        ticket = self.ask(line, {"csrfmiddlewaretoken": token, "key": str(uuid4()), "size": "2", "name": ""})
        assert ticket.status_code == 303, ticket.text
        assert "data-position>" in self.see(ticket.headers["Location"].partition("#")[0])
        assert self.ask(f"/api{line}/snapshot").json()["queue"]


def test_a_new_phone_receives_less_than_40_kb_until_it_shows_a_place(site: Stack, whole: Nginx) -> None:
    one, two, _ = venues(site)
    for path in (f"/queue/{site.open_line().code}", f"/v/{one}", f"/v/{two}"):
        phone = Phone(whole.url)
        phone.join(path)
        assert len(phone.received) > 10, "the page's tags are not read"
        assert sum(phone.received.values()) / 1000 <= MOST_KB, f"{path}: {phone.received}"
