"""S3: the public snapshot's and a poll's results' 304 behind deploy/nginx.conf, whose cache of a second answers nearly all of
them, beside `return 304` of the same nginx."""

from collections.abc import Iterator
from functools import partial

import httpx

from benchmarks.bench import Bench, checked
from benchmarks.figures import Figure, Goal
from benchmarks.lines import check_shown, filled
from benchmarks.polls import MeasuredPoll
from benchmarks.wrk import NotModified
from tests.deploy.nginx import Nginx
from tests.installation import free_port

REFERENCE = """
server {{
    listen 127.0.0.1:{port};
    etag off;
    location / {{
        if ($http_if_none_match) {{ return 304; }}
        add_header ETag '"0123456789abcdef"';
        default_type application/json;
        return 200 '{{}}';
    }}
}}
"""


def run(bench: Bench) -> Iterator[Figure]:
    """nginx with one worker before one web process; 64 connections."""
    site = bench.installation("web", "timers", TRUSTED_PROXIES="1")
    line, poll = filled(site), MeasuredPoll(site)
    port = free_port()
    folder = bench.folder / "nginx"
    folder.mkdir()
    nginx = Nginx(folder, site.ports["web"], more=REFERENCE.format(port=port), core=bench.server_core).start()
    try:
        theirs = NotModified(f"http://127.0.0.1:{port}/", core=bench.load_core)
        for what, path in (
            ("snapshot", f"/api/queue/{line.code}/snapshot"),
            ("poll result", f"{poll.path}/results"),
        ):
            ours = NotModified(nginx.url + path, core=bench.load_core)
            with checked(partial(check_shown, site, line), partial(_private, nginx, line.code, line.token)):
                mine, others = bench.in_turns(lambda: ours.per_s(bench.seconds), lambda: theirs.per_s(bench.seconds))  # noqa: B023 — called at once
            yield Figure(
                number="S3",
                what=f"{what} 304 behind deploy/nginx.conf, one worker",
                reference="nginx `return 304`, one worker",
                goal=Goal(least=0.8),
                unit="/s",
                ours=mine,
                theirs=others,
            )
    finally:
        nginx.stop()


def _private(nginx: Nginx, code: str, token: str) -> None:
    """A host is still answered by Tallyline itself."""
    shown = httpx.get(f"{nginx.url}/api/queue/{code}/snapshot", headers={"x-host-auth": token})
    assert shown.status_code == 200
    assert "x-cache" not in shown.headers
    assert "name" in shown.json()["queue"][0]
