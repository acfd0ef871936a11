"""A venue whose program and SMS gateway are on this machine: what a webhook and texts have told, beside what they should have."""

from itertools import pairwise
from typing import Any

import httpx

from tests.installation import LiveLine, Stack
from tests.reach.phones.provider import TextProvider
from tests.webhooks.receiver import Receiver
from webhooks.events import TYPES

# The venue offers texts alone. `KEY` and `SECRET` are read from what it prints.
_VENUE = """
from venues import commands as venues
from reach import commands as reach
from reach.commands.texts import Texts
venue = venues.create_venue(name="Blue Door", timezone_name="Europe/Paris")
reach.set_channels(venue_id=venue.pk, ways=["sms"], fallback_s=45)
texts = Texts(kind="gateway", url="{gateway}", sender="+15005550006")
row, _ = reach.set_texts(venue_id=venue.pk, texts=texts, origin="http://127.0.0.1")
print("KEY", venues.create_api_key(venue=venue, name="till")[1])
print("SECRET", row.secret)
"""


class Told:
    """Give `hosts` to the installation's environment, then `connect` it."""

    def __init__(self) -> None:
        self.receiver, self.gateway = Receiver(), TextProvider()
        self.hosts = {"WEBHOOK_EXTRA_HOSTS": self.receiver.host, "TEXT_EXTRA_HOSTS": self.gateway.host}
        self.lines: list[LiveLine] = []
        self._numbers = 0

    def connect(self, stack: Stack, server: str = "web") -> None:
        """Makes the venue and its webhook. What an earlier installation was told is forgotten."""
        self._stack, self._server, self.lines = stack, server, []
        self.receiver.received.clear()
        self.gateway.took.clear()
        printed = stack.manage("shell", "-v0", "-c", _VENUE.format(gateway=self.gateway.url)).stdout.splitlines()
        found = dict(row.split() for row in printed if row.startswith(("KEY ", "SECRET ")))
        self.gateway.secret, self._key = found["SECRET"], {"api-key": found["KEY"]}
        made = self._made("/api/webhooks", {"url": self.receiver.url})
        self.receiver.secrets.append(made["secret"])

    def open_line(self) -> LiveLine:
        """A line of the venue, through the server, with room for all guests of a test."""
        created = self._made("/api/queue/create", {"eventName": "Friday night", "maxGuests": 100_000})
        self.lines.append(LiveLine(self._stack, created, self._server))
        return self.lines[-1]

    def join(self, line: LiveLine) -> None:
        """A guest with a number of their own joins, and is called at once."""
        answer = line.post("join", {"number": self.number()})
        assert answer.status_code == 200, answer.text
        line.host("advance")

    def number(self) -> str:
        """A mobile number that no other guest has."""
        self._numbers += 1
        return f"+346{self._numbers:08d}"

    def _made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = httpx.post(self._stack.url(self._server) + path, json=body, headers=self._key, timeout=20)
        assert answer.is_success, answer.text
        made: dict[str, Any] = answer.json()
        return made

    # ------------------------------------------------------------------------------------------------------ questions
    def untold(self) -> int:
        """Events of the lines that the webhook has not told yet."""
        events = self._rows(
            "SELECT q.code, e.version, e.seq FROM outbox_event e JOIN queues_queue q ON q.id = e.stream_id"
            " WHERE q.id = ANY(%s::uuid[]) AND e.type = ANY(%s)",
            list(TYPES),
        )
        told = {(each.line, *each.place) for each in self.receiver.received}
        return len({(row["code"], row["version"], row["seq"]) for row in events} - told)

    def unsent(self) -> int:
        """Texts that wait, or that a row calls sent and the gateway does not have."""
        rows = self._rows("SELECT id::text, state FROM reach_message WHERE queue_id = ANY(%s::uuid[])")
        took = {each.key for each in self.gateway.took}
        lost = {row["id"] for row in rows if row["state"] in ("sent", "delivered")} - took
        return len(lost) + sum(row["state"] == "due" for row in rows)

    def all_told(self) -> bool:
        """Whether nothing is left to be told."""
        return self.untold() == self.unsent() == 0

    def texts(self) -> int:
        """Texts that the gateway took; the same again, by its key, is none."""
        return len(self.gateway.took)

    def again_and_late(self) -> tuple[int, int]:
        """Messages of the webhook that came again, and those that came after a later one of their line."""
        codes = {line.code for line in self.lines}
        told = [(each.line, each.place) for each in self.receiver.received if each.line in codes]
        late = 0
        for wanted in codes:
            places = [place for code, place in dict.fromkeys(told) if code == wanted]
            late += sum(after < before for before, after in pairwise(places))
        return len(told) - len(set(told)), late

    def _rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        return self._stack.sql(query, [line.session_id for line in self.lines], *parameters)

    def close(self) -> None:
        """Ends both servers; fails where they were sent what they do not understand."""
        self.receiver.close()
        self.gateway.close()
        assert self.gateway.faults == []
        assert self.receiver.forged == []
