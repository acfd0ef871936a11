"""S1, S2, S3: the 304 of a public snapshot, and of a poll's results, from one process, beside the least that can be done on the
same server, beside what people usually do, and behind deploy/nginx.conf; there the voting page, too. 64 connections; the line
stands still."""

import gzip
import json
from collections.abc import Iterator
from functools import partial

import httpx

from benchmarks.bench import Bench, checked
from benchmarks.figures import Figure, Goal
from benchmarks.lines import check_shown, filled
from benchmarks.polls import MeasuredPoll
from benchmarks.processes import gunicorn
from benchmarks.wrk import Answers, NotModified
from tests.deploy.nginx import Nginx
from tests.installation import LiveLine, free_port

ORIGIN = "https://old-client.example"
WHAT = "snapshot 304, shipped server, one process"
# Of the DRF view. One interpreter: more threads only wait for its lock.
THREADS = 4
REFERENCES = """
server {{
    listen 127.0.0.1:{port_of_files};
    root {folder};
    gzip_static on;
    open_file_cache max=100;
}}
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


def s1(bench: Bench) -> Iterator[Figure]:
    """Beside an ASGI application that does nothing else: for a stranger, a guest, a page of another origin and a host."""
    line = filled(bench.installation("web", ALLOWED_ORIGINS=ORIGIN))
    party = line.join("Ada")["partyId"]
    bare = bench.on_the_same_server("benchmarks.references.bare:application", ETAG='"0123456789abcdef"')
    theirs = NotModified(bench, f"{bare.url}/api/queue/{line.code}/snapshot")
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("", "", {}),
        (", with `partyId`", f"?partyId={party}", {}),
        (", with `Origin`", "", {"Origin": ORIGIN}),
        (", a host's", "", {"x-host-auth": line.token}),
    ]
    for who, query, headers in asked:
        ours = NotModified(bench, f"{line.api}/snapshot{query}", headers)
        figure = Figure(
            number="S1",
            what=WHAT + who,
            unit="/s",
            goal=Goal(least=0.75 if who else 0.85),
            reference="bare ASGI app: constant 304, same server",
        )
        with checked(partial(check_shown, line)):
            yield bench.compared(figure, ours.per_s, theirs.per_s)


def s2(bench: Bench) -> Iterator[Figure]:
    """Beside a plain DRF view with Django's Redis cache under WSGI."""
    site = bench.installation("web")
    line = filled(site)
    ours = NotModified(bench, f"{line.api}/snapshot")
    port = free_port()
    command = gunicorn("drf", port, workers=1, threads=THREADS)
    drf = bench.program(command, port=port, REDIS_URL=site.env["REDIS_URL"], SNAPSHOT=json.dumps(ours.body))
    theirs = NotModified(bench, f"{drf.url}/api/queue/{line.code}/snapshot")
    assert theirs.body == ours.body
    reference = f"DRF view, Django's Redis cache, gunicorn, one process of {THREADS} threads"
    figure = Figure(number="S2", what=WHAT, unit="/s", goal=Goal(least=15), reference=reference)
    with checked(partial(check_shown, line)):
        yield bench.compared(figure, ours.per_s, theirs.per_s)


def s3(bench: Bench) -> Iterator[Figure]:
    """Behind nginx with one worker, whose cache of a second answers nearly all of them, beside its own `return 304`."""
    site = bench.installation("web", "timers", TRUSTED_PROXIES="1")
    line, poll = filled(site), MeasuredPoll(site)
    port, port_of_files = free_port(), free_port()
    folder, files = bench.folder / "nginx", bench.folder / "files"
    folder.mkdir()
    files.mkdir()
    more = REFERENCES.format(port=port, port_of_files=port_of_files, folder=files)
    nginx = Nginx(folder, site.ports["web"], more=more, core=bench.server_core).start()
    bench.callback(nginx.stop)
    theirs = NotModified(bench, f"http://127.0.0.1:{port}/")
    for what, path in (("snapshot", f"/api/queue/{line.code}/snapshot"), ("poll result", f"{poll.path}/results")):
        ours = NotModified(bench, nginx.url + path)
        figure = Figure(
            number="S3",
            what=f"{what} 304 behind deploy/nginx.conf, one worker",
            unit="/s",
            goal=Goal(least=0.8),
            reference="nginx `return 304`, one worker",
        )
        with checked(partial(check_shown, line), partial(_check_private, nginx, line)):
            yield bench.compared(figure, ours.per_s, theirs.per_s)
    page = f"{nginx.url}/vote/{poll.code}"
    shown = httpx.get(page)
    for name, content in (("vote.html", shown.content), ("vote.html.gz", gzip.compress(shown.content))):
        (files / name).write_bytes(content)
    packed = {"Accept-Encoding": "gzip"}
    kept = Answers(bench, page, status=200, headers=packed)
    file = Answers(bench, f"http://127.0.0.1:{port_of_files}/vote.html", status=200, headers=packed)
    figure = Figure(
        number="S3",
        what="voting page 200, gzip, behind deploy/nginx.conf, one worker",
        unit="/s",
        goal=Goal(least=0.8),
        reference="nginx, the same bytes as its own static file, one worker",
    )
    yield bench.compared(figure, kept.per_s, file.per_s)


def _check_private(nginx: Nginx, line: LiveLine) -> None:
    """A host is still answered by Tallyline itself."""
    shown = httpx.get(f"{nginx.url}/api/queue/{line.code}/snapshot", headers={"x-host-auth": line.token})
    assert shown.status_code == 200
    assert "x-cache" not in shown.headers
    assert "name" in shown.json()["queue"][0]
