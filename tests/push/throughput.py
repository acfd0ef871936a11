"""S10: messages per second of push.sender beside a loop over pywebpush.webpush(), to the same local endpoint, in one process.

Run with `python -m tests.push.throughput [SECONDS]`; needs neither Postgres nor Redis. Prints JSON. The endpoint is a
process of its own that answers 201 and does nothing else; two browsers' messages are decrypted first, one of each sender.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace

ROUNDS = 5
ENDPOINT = """
import asyncio, sys
class Answer(asyncio.Protocol):
    def connection_made(self, transport): self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        while True:
            head, found, rest = self.data.partition(b"\\r\\n\\r\\n")
            if not found: return
            length = next(int(l[15:]) for l in head.lower().split(b"\\r\\n") if l.startswith(b"content-length:"))
            if len(rest) < length: return
            self.data = rest[length:]
            self.transport.write(b"HTTP/1.1 201 Created\\r\\nContent-Length: 0\\r\\n\\r\\n")
async def main():
    server = await asyncio.get_running_loop().create_server(Answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def rate(send: Callable[[], None], seconds: float) -> float:
    """Calls per second."""
    began, count = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds:
        send()
        count += 1
    return count / spent


def measure(seconds: float) -> dict[str, float]:
    """Both senders in turn, ROUNDS times; medians."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    import pywebpush
    from py_vapid import Vapid

    from push import encryption, sender, vapid
    from tests.push.service import Browser

    endpoint = subprocess.Popen([sys.executable, "-c", ENDPOINT], stdout=subprocess.PIPE)
    try:
        assert endpoint.stdout is not None
        host = f"127.0.0.1:{int(endpoint.stdout.readline())}"
        settings.PUSH_EXTRA_HOSTS = [host]
        browser = Browser(f"http://{host}")
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
            rate(warm, 0.2)
        runs = [(rate(ours, seconds), rate(reference, seconds)) for _ in range(ROUNDS)]
    finally:
        endpoint.kill()
        endpoint.wait()
    return {
        "sender_per_s": round(statistics.median(mine for mine, _ in runs)),
        "pywebpush_per_s": round(statistics.median(other for _, other in runs)),
        "ratio": round(statistics.median(mine / other for mine, other in runs), 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)))
