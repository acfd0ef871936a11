"""A poll to be measured: made through the API, voted in by many, counted after every run."""

import json
from uuid import UUID

import httpx

from benchmarks.installation import Installation
from tests.installation import wait_until

CHOICES = ("Soup", "Salad", "Pasta", "Cake")


class MeasuredPoll:
    """An open poll of one choice each, whose voters are known by a token."""

    def __init__(self, site: Installation) -> None:
        self.site = site
        body = {"title": "What shall we cook?", "choices": list(CHOICES), "open": True}
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
        [found] = self.site.sql(
            "SELECT count(*) AS n FROM polls_ballot WHERE poll_id = %s AND ballot_id = ANY(%s)", self.id, ids
        )
        assert found["n"] == len(ids), f"{len(ids)} receipts, {found['n']} ballots"

    def check(self) -> None:
        """Acknowledged and counted are the same, the results show it, and `manage.py reconcile` finds no difference."""
        [held] = self.site.sql("SELECT count(*) AS n FROM polls_ballot WHERE poll_id = %s", self.id)
        assert self.acknowledged <= held["n"] <= self.acknowledged + self.in_flight, (held, self.acknowledged)
        picked = self.site.sql(
            "SELECT choices[1] AS choice, count(*) AS n FROM polls_ballot WHERE poll_id = %s GROUP BY 1", self.id
        )
        counts = {row["choice"]: row["n"] for row in picked}

        def shown() -> bool:
            view = httpx.get(f"{self.url}/results").json()
            right = {choice["number"]: choice["count"] for choice in view["choices"] if choice["count"]}
            return bool(view["ballots"] == held["n"] and right == counts)

        wait_until(shown, what=f"the results to show {held['n']} ballots")
        self.site.manage("reconcile", "--poll", self.code)
