"""A host's tablet: it remembers what it saw of the line, keeps what is pressed, and sends it when it has a network."""

from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from core import clock
from core.clock import milliseconds
from queues import seen, selectors
from queues.models import Queue
from venues.proofs import Subject, token_for

Kept = dict[str, Any]


class Tablet:
    """One device of a host of the line."""

    def __init__(self, line: Queue) -> None:
        self.line = line
        self._client = Client(headers={"x-host-auth": token_for(Subject.of(line))})
        # What was pressed and has no outcome that this tablet knows of.
        self.kept: list[Kept] = []
        self.look()

    def look(self) -> None:
        """Fetches the list. What it shows, later presses are about."""
        row = selectors.current_row(self.line.pk)
        assert row is not None
        self.version: int = row["version"]
        shown = [*row["called"], *row["waiting"]]
        self.states = {party["id"]: seen.state_of_view(party) for party in shown}
        self.details = {party["id"]: seen.details_of_view(party) for party in shown}
        self.first: str = row["waiting"][0]["id"] if row["waiting"] else ""
        self._last: dict[str, str] = {}

    def press(self, action: str, party: UUID | str | None = None, *, saw: str | None = None, **fields: Any) -> Kept:
        """Keeps an action; `saw`: what the button's form says, if not the party's state on this tablet."""
        known = str(party) if party else ""
        kept: Kept = {"id": str(uuid4()), "action": action, "pressedAt": milliseconds(clock.now())}
        if known:
            state = (self.details if action == "edit" else self.states).get(known, "")
            kept |= {"party": known, "saw": state if saw is None else saw, "version": self.version}
            if known in self._last:
                kept["after"] = self._last[known]
            self._last[known] = kept["id"]
        if fields:
            kept["fields"] = fields
        self.kept.append(kept)
        return kept

    def post(self, actions: Any) -> Any:
        """The answer to these actions."""
        path = f"/api/queue/{self.line.code}/actions"
        return self._client.post(path, {"actions": actions}, content_type="application/json")

    def send(self, actions: list[Kept] | None = None) -> list[dict[str, Any]]:
        """Sends all that is kept, or these again; their outcomes."""
        sent = self.kept if actions is None else actions
        answer = self.post(sent)
        assert answer.status_code == 200, answer.content
        outcomes: list[dict[str, Any]] = answer.json()["outcomes"]
        assert [outcome["id"] for outcome in outcomes] == [action["id"] for action in sent]
        if actions is None:
            self.kept = []
        return outcomes
