"""A poll to be measured: made through the API, voted in by many, counted after every run."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import psycopg

from benchmarks.installation import Installation
from tests.installation import wait_until

CHOICES = ("Soup", "Salad", "Pasta", "Cake")


class MeasuredPoll:
    """An open poll of one choice each, whose voters are known by a token. `nodes`: the databases that hold its ballots, where
    they are not the site's; `body`: more of what it is made with."""

    def __init__(self, site: Installation, *, nodes: Sequence[str] = (), **body: Any) -> None:
        self.site = site
        self.nodes = nodes or [site.database]
        body = {"title": "What shall we cook?", "choices": list(CHOICES), "open": True, **body}
        made = httpx.post(f"{site.url()}/api/polls/", json=body)
        assert made.status_code == 201, made.text
        self.id: str = made.json()["id"]
        self.code: str = made.json()["code"]
        self.host = {"x-host-auth": made.json()["hostToken"]}
        self.path = f"/api/polls/{self.id}"
        self.url = site.url() + self.path
        self.acknowledged = 0
        self.in_flight = 0

    def acknowledge(self, ballots: int, *, in_flight: int, samples: list[str]) -> None:
        """Notes what voters were told in a run: the number of receipts, some of them as `samples`, and how many answers may
        have been cut off at its end. AssertionError when a receipt's ballot is not there."""
        self.acknowledged += ballots
        self.in_flight += in_flight
        receipts = [json.loads(sample) for sample in samples]
        assert all(receipt["status"] == "counted" for receipt in receipts)
        ids = [UUID(receipt["receipt"]["ballotId"]) for receipt in receipts]
        found = self._picked("AND ballot_id = ANY(%s)", ids).total()
        assert found == len(ids), f"{len(ids)} receipts, {found} ballots"

    def check(self) -> None:
        """Acknowledged and counted are the same, the results show it, and `manage.py reconcile` finds no difference."""
        counts = self._picked()
        held = counts.total()
        assert self.acknowledged <= held <= self.acknowledged + self.in_flight, (held, self.acknowledged)

        def shown() -> bool:
            view = httpx.get(f"{self.url}/results").json()
            right = {choice["number"]: choice["count"] for choice in view["choices"] if choice["count"]}
            return bool(view["ballots"] == held and right == counts)

        wait_until(shown, what=f"the results to show {held} ballots")
        self.site.manage("reconcile", "--poll", self.code)

    def _picked(self, condition: str = "", *parameters: Any) -> Counter[int]:
        """How many of its ballots, of those for which the condition holds, have each choice."""
        query = f"SELECT choices[1], count(*) FROM polls_ballot WHERE poll_id = %s {condition} GROUP BY 1"  # noqa: S608
        found: Counter[int] = Counter()
        for node in self.nodes:
            with psycopg.connect(node, autocommit=True) as connection:
                rows: list[Any] = connection.execute(query, [self.id, *parameters]).fetchall()
                found.update(dict(rows))
        return found
