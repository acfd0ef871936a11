"""S10: push messages encrypted, signed and accepted by a local endpoint, beside a loop over pywebpush.webpush().

Both send to the same endpoint from a separate process, which needs neither Postgres nor Redis; the endpoint answers 201
and does nothing else. One message of each sender is decrypted first.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.processes import pinned
from tests.installation import ROOT, free_port

WARM_S = 0.2


def run(bench: Bench) -> Iterator[Figure]:
    """All runs are in one child."""
    port = free_port()
    bench.program([sys.executable, "-m", "benchmarks.references.endpoint", str(port)], port=port)
    command = [sys.executable, "-m", "benchmarks.s10_push", str(port), str(bench.seconds), str(bench.options.repeats)]
    environment = {**os.environ, "DATA_DIR": str(bench.folder), "PUSH_EXTRA_HOSTS": f"127.0.0.1:{port}"}
    done = subprocess.run(
        pinned(command, bench.load_core), cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=60 + 3 * bench.seconds * bench.options.repeats, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    runs: list[list[float]] = json.loads(done.stdout)
    for mine, other in runs:
        bench.say(f"ours {mine:,.4g}   reference {other:,.4g}")
    yield Figure(
        number="S10",
        what="push messages encrypted, signed and accepted, one process",
        reference="loop over pywebpush.webpush()",
        goal=Goal(least=5),
        unit="/s",
        ours=[mine for mine, _ in runs],
        theirs=[other for _, other in runs],
    )


def measure(port: int, seconds: float, repeats: int) -> list[tuple[float, float]]:
    """Messages per second of both senders in turn."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    import pywebpush
    from py_vapid import Vapid

    from push import encryption, sender, vapid
    from tests.push.service import Browser

    browser = Browser(f"http://127.0.0.1:{port}")
    subscription = browser.subscription
    target = SimpleNamespace(endpoint=browser.endpoint, p256dh=browser.p256dh, auth=browser.auth)
    key = Vapid(vapid.private_key())
    message = sender.Message(
        kind="called", title="It is your turn", body="Friday night is ready for you.", url="/queue/ABC234/ticket",
        ttl_s=120, urgency="high", topic="call",
    )  # fmt: skip
    payload = message.payload()
    sealed = encryption.encrypt(payload, p256dh=browser.p256dh, auth=browser.auth)
    theirs = pywebpush.WebPusher(browser.subscription).encode(payload)["body"]
    assert browser.open(sealed) == browser.open(theirs) == json.loads(payload)

    def ours() -> None:
        assert sender.send(target, message).result == sender.Result.SENT

    def reference() -> None:
        answer = pywebpush.webpush(
            subscription, payload.decode(), vapid_private_key=key,
            vapid_claims={"sub": settings.VAPID_SUBJECT}, ttl=120, headers={"Urgency": "high", "Topic": "call"},
        )  # fmt: skip
        assert answer.status_code == 201

    for warm in (ours, reference):
        _rate(warm, WARM_S)
    return [(_rate(ours, seconds), _rate(reference, seconds)) for _ in range(repeats)]


def _rate(send: Callable[[], None], seconds: float) -> float:
    began, count = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds:
        send()
        count += 1
    return count / spent


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))))
