"""A bounded load through nginx: guests who join lines and voters; each sends again until it is answered, and remembers that."""

import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from tests.cluster.deployment import Deployment
from tests.faults.told import Told
from tests.installation import LiveLine
from tests.polls.running_poll import LivePoll

# What a client waits after an answer, and before it sends the same again. Four clients: some 40 requests a second.
THINKS_S = 0.08
PATIENCE = httpx.Timeout(10)
POLLS = 4


@dataclass
class Journal:
    """What clients of one kind were told."""

    acknowledged: list[str] = field(default_factory=list)
    sent_again: int = 0
    slowest_s: float = 0.0


class Load:
    """Two guests, who are told by text, and two voters, until `end`; a webhook tells of the guests' lines."""

    def __init__(self, deployment: Deployment, told: Told) -> None:
        self._deployment = deployment
        self.stack, self.told = deployment.stack, told
        told.connect(self.stack, "nginx")
        self.lines = [told.open_line() for _ in range(2)]
        self.polls = [LivePoll(self.stack, server="nginx") for _ in range(POLLS)]
        self.joins, self.ballots = Journal(), Journal()
        self._over = threading.Event()
        self._threads = [
            *(threading.Thread(target=self._guest, args=(line,), daemon=True) for line in self.lines),
            *(threading.Thread(target=self._voter, args=(number,), daemon=True) for number in range(2)),
        ]

    def start(self) -> None:
        """They begin."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """They finish what they have begun."""
        self._over.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"

    def count(self) -> int:
        """How much is acknowledged so far."""
        return len(self.joins.acknowledged) + len(self.ballots.acknowledged)

    def lost_and_doubled(self) -> tuple[int, int]:
        """What was acknowledged and is not there, and what is there twice."""
        joins, ballots = set(self.joins.acknowledged), set(self.ballots.acknowledged)
        lines = [line.session_id for line in self.lines]
        rows = self.stack.sql("SELECT id::text, name FROM queues_party WHERE queue_id = ANY(%s::uuid[])", lines)
        there = [row["id"] for row in rows]
        counted = [ballot for poll in self.polls for ballot in self._deployment.ballots_there(poll.id)]
        names = [row["name"] for row in rows]
        lost = len(joins - set(there)) + len(ballots - set(counted))
        return lost, len(names) - len(set(names)) + len(counted) - len(set(counted))

    def _guest(self, line: LiveLine) -> None:
        with httpx.Client(timeout=PATIENCE) as client:
            while not self._over.is_set():
                name = uuid4().hex[:20]
                body = {"name": name, "number": self.told.number()}
                answer = self._until_answered(self.joins, client, f"{line.api}/join", body, {"Idempotency-Key": name})
                assert answer.status_code == 200, answer.text
                party = answer.json()["partyId"]
                self.joins.acknowledged.append(party)
                left = self._until_answered(self.joins, client, f"{line.api}/leave", {"partyId": party}, {})
                assert left.status_code in {200, 404}, left.text
                self._over.wait(THINKS_S)

    def _voter(self, number: int) -> None:
        polls, turn = self.polls, number
        with httpx.Client(timeout=PATIENCE) as client:
            while not self._over.is_set():
                turn += 1
                ballot = str(uuid4())
                body = {"ballotId": ballot, "choices": [turn % 2]}
                cookie = {"Cookie": f"voter_token={uuid4().hex}"}
                answer = self._until_answered(
                    self.ballots, client, polls[turn % POLLS].url("/ballots", "nginx"), body, cookie
                )
                assert answer.status_code == 201, answer.text
                self.ballots.acknowledged.append(ballot)
                self._over.wait(THINKS_S)

    @staticmethod
    def _until_answered(
        journal: Journal, client: httpx.Client, url: str, body: object, headers: dict[str, str]
    ) -> httpx.Response:
        """The first answer that is not "not now"."""
        began = time.monotonic()
        while True:
            try:
                answer = client.post(url, json=body, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                journal.slowest_s = max(journal.slowest_s, time.monotonic() - began)
                return answer
            journal.sent_again += 1
            time.sleep(THINKS_S)
