"""`make container`: builds the image of deploy/Containerfile and runs its web, worker and timers as a container runtime does: as
its user, on a read-only root, before a Postgres and a Redis of Debian. Needs root, buildah and debootstrap, but no registry of
images: BASE is a Debian made here. Ends with 1 and a sentence at the first thing that is not as promised.
"""

import os
import re
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import httpx
import psycopg

from devserver.embedded import Postgres
from tests.deploy.image import IMAGE, Image, build, sizes
from tests.installation import free_port, wait_until

LIMIT_MB = 300
COMPILERS = ("cc", "gcc", "g++", "c++", "clang", "ld", "as", "make", "rustc", "go", "npm", "node", "pip")
SOCKETS = "/var/lib/postgresql"
WRITES = (
    "for place in / /srv/tallyline /etc /usr /var/tmp; do if touch $place/x; then echo $place; fi; done 2>/dev/null"
)


def main() -> None:
    """Raises AssertionError with what is wrong."""
    build()
    with ExitStack() as stack:
        image = stack.enter_context(Image(IMAGE))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tallyline-container-")))
        folder.chmod(0o755)
        look_at(image)
        environment = servers(stack, folder)
        run(stack, image, folder, environment)
        back_up(stack, image, folder, environment)
    print("The image holds what docs/operations.md promises.")


def look_at(image: Image) -> None:
    """Its size, its user, and what it must not have."""
    found = sizes(image.root)
    whole = sum(found.values())
    print(f"Unpacked: {whole:.0f} MB", *(f"{size:6.1f} MB  {name}" for name, size in found.items()), sep="\n  ")
    assert whole < LIMIT_MB, f"the image has {whole:.0f} MB, which is not under {LIMIT_MB}"
    folders = [image.root / each for each in ("bin", "usr/bin", "usr/local/bin", "srv/tallyline/.venv/bin")]
    there = [name for name in COMPILERS if any((folder / name).exists() for folder in folders)]
    assert not there, f"the image has {there}"
    assert image.user not in ("", "0", "root", "0:0"), "the image runs as root"
    assert image.config["Healthcheck"]["Test"] == ["CMD", "deploy/healthy"]


def servers(stack: ExitStack, folder: Path) -> dict[str, str]:
    """Starts Postgres and Redis in one tree; returns the variables that name them, and the secrets."""
    tree = stack.enter_context(Image("localhost/tallyline-servers")).tree
    postgres, cache, password = free_port(), free_port(), token_hex(16)
    (binaries,) = tree.root.glob("usr/lib/postgresql/*/bin")
    version, programs = binaries.parent.name, f"/{binaries.relative_to(tree.root)}"
    (folder / "servers").mkdir()
    at: dict[str, Any] = {"data": folder / "servers", "environment": {}, "writable": True}
    settings = {
        "config_file": f"/etc/postgresql/{version}/main/postgresql.conf",
        "listen_addresses": "127.0.0.1",
        "port": str(postgres),
        # Each program has its own /tmp.
        "unix_socket_directories": SOCKETS,
        "external_pid_file": f"{SOCKETS}/pid",
        "logging_collector": "on",
    }
    as_options = [f"--{name}={value}" for name, value in settings.items()]
    tree.start(stack, [f"{programs}/postgres", *as_options], user="postgres", **at)
    quiet = ["--save", "", "--dir", "/tmp", "--loglevel", "warning", "--logfile", "/tmp/log"]
    tree.start(stack, ["redis-server", "--port", str(cache), *quiet], user="redis", **at)
    role = f"CREATE ROLE tallyline LOGIN PASSWORD '{password}'"
    make = [
        f"{programs}/psql",
        "-qh",
        SOCKETS,
        "-p",
        str(postgres),
        "-c",
        role,
        "-c",
        "CREATE DATABASE tallyline OWNER tallyline",
    ]
    wait_until(lambda: tree.run(make, user="postgres", **at).returncode == 0, timeout_s=30, what="Postgres")
    return {
        "DATABASE_URL": f"postgresql://tallyline:{password}@127.0.0.1:{postgres}/tallyline",
        "REDIS_URL": f"redis://127.0.0.1:{cache}/0",
        "SECRET_KEY": token_urlsafe(48),
        "VAPID_PRIVATE_KEY": token_urlsafe(48),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
    }


def run(stack: ExitStack, image: Image, folder: Path, environment: dict[str, str]) -> None:
    """Migrates, starts the three processes, has them work, and ends them."""
    data = folder / "data"
    data.mkdir()
    os.chown(data, *map(int, image.user.split(":")))
    at: dict[str, Any] = {"user": image.user, "data": data, "environment": {**image.environment, **environment}}
    entry = image.config["Entrypoint"]
    healthy = [*image.config["Healthcheck"]["Test"][1:], "/readyz"]

    done = image.tree.run([*entry, "migrate", "--no-input", "--verbosity=0"], **at)
    assert done.returncode == 0, f"migrate failed: {done.stderr}"
    done = image.tree.run([*entry, "check"], **{**at, "user": "12345:12345"})
    assert done.returncode == 0, f"it does not run as another user: {done.stderr}"
    written = image.tree.run(["sh", "-c", WRITES], **at).stdout
    assert written == "", f"its user can write to {written.split()}"
    processes = {name: image.tree.start(stack, [*entry, name], **at) for name in ("web", "worker", "timers")}
    wait_until(lambda: image.tree.run(healthy, **at).returncode == 0, timeout_s=60, what="/readyz")
    work(f"http://127.0.0.1:{environment['PORT']}", environment["DATABASE_URL"])
    for name, process in processes.items():
        print(f"  {name}: {process.memory_mb():.0f} MB of memory")
    made = sorted(str(path.relative_to(data)) for path in data.rglob("*"))
    assert made == [], f"DATA_DIR holds {made}, though all secrets were given"

    processes["web"].end(signal.SIGKILL)
    sick = image.tree.run(healthy, **at)
    assert sick.returncode == 1, "the health check calls a dead web healthy"
    assert "refused" in sick.stderr, f"the health check says {sick.stderr!r}"
    for name in ("worker", "timers"):
        code = processes[name].end(signal.SIGTERM)
        assert code == 0, f"{name} ended with {code} after SIGTERM"


def back_up(stack: ExitStack, image: Image, folder: Path, environment: dict[str, str]) -> None:
    """The image's own PostgreSQL programs write a backup of a PostgreSQL 18, and load it again."""
    with tempfile.TemporaryDirectory(prefix="tallyline-postgres-") as home:
        postgres, port = Postgres(Path(home)), free_port()
        stack.callback(postgres.stop)
        postgres.launch({"listen_addresses": "127.0.0.1", "port": port})
        server = f"postgresql://postgres:{postgres.password}@127.0.0.1:{port}"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE tallyline")
        given = {"DATABASE_URL": f"{server}/tallyline", "BACKUP_PASSPHRASE": token_urlsafe(16)}
        at: dict[str, Any] = {
            "user": image.user,
            "data": folder / "data",
            "environment": {**image.environment, **environment, **given},
        }
        for command in (
            ["migrate", "--no-input", "--verbosity=0"],
            ["create_host", "ada@example.com", "--venue", "Ada", "--timezone", "Europe/Madrid", "--owner"],
            ["backup", "/data/backup.age"],
            ["restore", "--replace", "/data/backup.age"],
        ):
            done = image.tree.run([*image.config["Entrypoint"], *command], **at)
            assert done.returncode == 0, f"{command[0]} failed: {done.stdout}{done.stderr}"
        print(f"  a backup has {(folder / 'data/backup.age').stat().st_size / 1000:.0f} KB")


def work(site: str, database: str) -> None:
    """A line is opened, joined and polled; the worker performs its effects, and the clock ends a call."""
    with httpx.Client(base_url=site, timeout=10) as client:
        line = _good(
            client.post("/api/queue/create", json={"eventName": "Friday", "maxGuests": 40, "callWindowSeconds": 10})
        )
        queue, host = f"/api/queue/{line['code']}", {"x-host-auth": line["hostAuthToken"]}
        for name in ("Ada", "Grace"):
            _good(client.post(f"{queue}/join", json={"name": name, "size": 2}))
        _good(client.post(f"{queue}/advance", json={}, headers=host))
        seen = client.get(f"{queue}/snapshot")
        again = client.get(f"{queue}/snapshot", headers={"if-none-match": seen.headers["etag"]})
        assert (seen.status_code, again.status_code) == (200, 304), f"{seen.status_code}, {again.status_code}"
        (script,) = re.findall(r'src="(/static/assets/[^"]+\.js)"', client.get("/").text)[:1]
        file = client.get(script, headers={"accept-encoding": "gzip"})
        assert file.headers.get("content-encoding") == "gzip", "static files are not those collected into the image"
        wait_until(lambda: _done(database) >= 3, timeout_s=20, what="the worker's effects")
        wait_until(
            lambda: client.get(f"{queue}/snapshot").json()["nowServing"]["ticket"] == 2,
            timeout_s=30,
            what="the timers to end the first call and call the second party",
        )


def _good(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url.path}: {answer.status_code} {answer.text}"
    return answer.json()


def _done(database: str) -> int:
    with psycopg.connect(database) as connection:
        (count,) = connection.execute("SELECT count(*) FROM outbox_effect WHERE status = 'done'").fetchone() or (0,)
        return int(count)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("make container mounts file systems, so it needs root.")
    try:
        main()
    except AssertionError as problem:
        sys.exit(f"The image is not as promised: {problem}")
