"""Records what a release leaves in Postgres and Redis, so that later ones prove that they can take it over.

In a checkout of that release, with the packages installed:

    python -m devserver.embedded --temporary -- python record.py NAME

gives NAME.sql (schema and data) and NAME.json (Redis: the rows of lines and polls, as hashes) in this folder. It needs
only what every release has: the HTTP API. What a release does not know yet is left out. Without NAME nothing is written: what
the release keeps is in the data directory (tests/faults/upgrades).
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import redis

HERE = Path(__file__).parent
PORT = 18471
BASE = f"http://127.0.0.1:{PORT}"
# Voters' keys and receipts depend on it.
SECRET_KEY = "the key of recorded releases, known to everybody"  # noqa: S105


def main(name: str = "") -> None:
    """Starts the release in the present directory, uses it, and writes what it kept."""
    env = {
        **os.environ,
        **({"SECRET_KEY": SECRET_KEY} if name else {}),
        "RATE_LIMITS": "off",
        "DEMO": "off",
        "TIME_ZONE": "Europe/Madrid",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=env, check=True)
    host = ["create_host", "recorder@tallyline.invalid", "--venue", "Recorded"]
    subprocess.run([sys.executable, "manage.py", *host], env=env, check=True, stdout=subprocess.DEVNULL)
    made = subprocess.run(
        [sys.executable, "manage.py", "create_api_key", "Recorder"], env=env, check=True, stdout=subprocess.PIPE
    )
    [key] = re.findall(rb"\S{20,}", made.stdout)[-1:]
    web = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(PORT), "--log-level", "warning"]
    with subprocess.Popen(web, env=env) as server:
        try:
            use(key.decode())
        finally:
            server.terminate()
    if name:
        keep(name)


def use(key: str) -> None:
    """An evening in small: two lines, three polls, a room."""
    client = httpx.Client(base_url=BASE, timeout=20)
    while True:
        try:
            if client.get("/healthz").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.1)
    for closed in (False, True):
        line(client, closed=closed)
    for state in ("open", "closed", "draft"):
        poll(client, key, state)
    room = client.post("/api/rooms", json={"title": "Was it good?"}, headers={"api-key": key})
    print("room", room.status_code)


def line(client: httpx.Client, *, closed: bool) -> None:
    """A line in which everything happens that this release knows. Prints the code and the host's token of one
    that stays open: today's program goes on with it."""
    made = client.post("/api/queue/create", json={"eventName": "Friday", "maxGuests": 50}).json()
    if not closed:
        print("open-line", made["code"], made["hostAuthToken"])
    at, host = f"/api/queue/{made['code']}/", {"x-host-auth": made["hostAuthToken"]}

    def act(action: str, body: Any = None, **headers: str) -> Any:
        answer = client.post(at + action, json=body or {}, headers=headers)
        if answer.status_code != 200:
            print(action, answer.status_code, answer.text[:80])
        return answer.json() if answer.headers["content-type"].startswith("application/json") else None

    joined = [act("join", {"name": f"Guest {n}", "size": 1 + n % 4})["partyId"] for n in range(8)]
    act("declare-nearby", {"partyId": joined[2]})
    act("advance", {}, **host)
    act("ask-more-time", {"partyId": joined[0]})
    act("more-time", {"partyId": joined[0]}, **host)
    act("advance", {"servedParty": joined[0]}, **host)
    act("leave", {"partyId": joined[3]})
    act("kick", {"partyId": joined[4]}, **host)
    act("undo", {}, **host)
    act("reorder", {"partyId": joined[6], "position": 1}, **host)
    act("edit", {"partyId": joined[5], "note": "window"}, **host)
    act("walk-in", {"name": "Walked in", "size": 2}, **host)
    act("pause", {}, **host)
    act("resume", {}, **host)
    act("no-show", {"partyId": joined[1]}, **host)
    act("let-pass", {"partyId": joined[7], "count": 1})
    act("message", {"text": "The kitchen is slow"}, **host)
    # The last action: what a later release is asked to undo.
    act("close" if closed else "call", {} if closed else {"partyId": joined[2]}, **host)


def poll(client: httpx.Client, key: str, state: str) -> None:
    """A poll with ballots."""
    body = {
        "title": f"Dessert ({state})",
        "choices": ["Cake", "Fruit", "None"],
        "maxPicks": 2,
        "open": state != "draft",
    }
    made = client.post("/api/polls/", json=body, headers={"api-key": key})
    if made.status_code not in {200, 201}:
        print("poll", made.status_code, made.text[:200])
        return
    found = made.json()
    at = f"/api/polls/{found['id']}"
    host = {"api-key": key}
    if state == "draft":
        return
    print("open", client.post(f"{at}/open", headers=host).status_code)
    for n in range(12):
        ballot = {"ballotId": str(uuid4()), "choices": [n % 3]}
        with httpx.Client(base_url=BASE) as voter:
            answer = voter.post(f"{at}/ballots", json=ballot)
        if answer.status_code not in {200, 201}:
            print("ballot", answer.status_code, answer.text[:200])
            return
    if state == "closed":
        print("close", client.post(f"{at}/close", headers=host).status_code)


def keep(name: str) -> None:
    """The database as SQL that any client runs, and the rows in Redis."""
    from devserver.embedded.postgres import POSTGRES_BIN

    dump = [str(POSTGRES_BIN / "pg_dump"), "--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges"]
    dump += ["--exclude-table-data=django_session", os.environ["DATABASE_URL"]]
    dumped = subprocess.run(dump, check=True, stdout=subprocess.PIPE, text=True).stdout
    # What only psql understands, comments, and a search_path that would stay with the connection.
    kept = [
        line for line in dumped.splitlines() if line and not line.startswith(("\\", "--", "SELECT pg_catalog.set_c"))
    ]
    kept = [line for line in kept if not line.startswith("SET ")]
    (HERE / f"{name}.sql").write_text("\n".join(kept) + "\n")
    with redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True) as client:
        names = sorted(str(key) for key in client.scan_iter("tl:*") if client.type(key) == "hash")
        rows = {key: client.hgetall(key) for key in names}
    (HERE / f"{name}.json").write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
