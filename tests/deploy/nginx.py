"""The real nginx with deploy/nginx.conf, on loopback ports, before a running installation."""

import os
import shutil
import signal
import socket
import subprocess
import uuid
from pathlib import Path
from typing import Any

import httpx

from tests.installation import ROOT, free_port, wait_until

MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 16384; }}
http {{
    types {{ text/html html; text/css css; text/javascript js; image/svg+xml svg; image/png png; }}
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
    {more}
}}
"""


def executable() -> str:
    """The path of nginx. AssertionError when there is none: `make test` and `make bench` install it on Debian."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, "nginx is missing (Debian: apt-get install nginx-light)"
    return found


class Nginx:
    """nginx before the web processes on `upstreams`; `more` is put beside the site. Files lie in `folder`, which exists.
    `core`: the one it runs on; None: any."""

    def __init__(
        self,
        folder: Path,
        *upstreams: int,
        static: Path = ROOT / "staticfiles",
        more: str = "",
        core: int | None = None,
    ) -> None:
        self._pinned = [] if core is None else ["taskset", "-c", str(core)]
        self.folder, self.port, self.tls_port = folder, free_port(), free_port()
        # What a person adapts too: each stands once in the file.
        site = (ROOT / "deploy/nginx.conf").read_text()
        for shipped, here in (
            ("server 127.0.0.1:8000;", "\n".join(f"server 127.0.0.1:{port};" for port in upstreams)),
            ("listen 80;", f"listen 127.0.0.1:{self.port};"),
            ("/var/cache/tallyline ", f"{folder}/cache "),
            ("/var/cache/tallyline-pages ", f"{folder}/pages "),
            ("/etc/nginx/tallyline-tls", f"{folder}/tallyline-tls"),
            ("/srv/tallyline/staticfiles/", f"{static}/"),
        ):
            assert site.count(shipped) == 1, f"deploy/nginx.conf: {shipped}"
            site = site.replace(shipped, here)
        (folder / "site.conf").write_text(site)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user, more=more))
        self.log = folder / "nginx.log"
        self.process: subprocess.Popen[bytes] | None = None

    def add_tls(self, certificate: Path, key: Path) -> None:
        """deploy/nginx-tls.conf with this certificate, on `tls_port`."""
        conf = (ROOT / "deploy/nginx-tls.conf").read_text()
        for shipped, here in (
            ("listen 443 ssl", f"listen 127.0.0.1:{self.tls_port} ssl"),
            ("/etc/nginx/tallyline.pem", str(certificate)),
            ("/etc/nginx/tallyline.key", str(key)),
        ):
            assert conf.count(shipped) == 1, f"deploy/nginx-tls.conf: {shipped}"
            conf = conf.replace(shipped, here)
        (self.folder / "tallyline-tls.conf").write_text(conf)

    def start(self) -> "Nginx":
        """Starts it and waits until it listens."""
        command = [*self._pinned, executable(), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        wait_until(self._listens, what="nginx to listen")
        return self

    def stop(self) -> None:
        """Ends it at once, with its workers."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)

    @property
    def url(self) -> str:
        """http://127.0.0.1:port."""
        return f"http://127.0.0.1:{self.port}"

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def poll(nginx: Nginx, **fields: Any) -> dict[str, Any]:
    """A fresh poll, made through nginx; with its `url`."""
    body = {"title": "Which wine?", "choices": ["Red", "White"], "open": True, **fields}
    made = httpx.post(f"{nginx.url}/api/polls/", json=body)
    assert made.status_code == 201, made.text
    return {**made.json(), "url": f"{nginx.url}/api/polls/{made.json()['id']}"}


def vote(made: dict[str, Any], **headers: str) -> httpx.Response:
    """A ballot for the first choice."""
    body = {"ballotId": str(uuid.uuid4()), "choices": [0]}
    answer = httpx.post(f"{made['url']}/ballots", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer
