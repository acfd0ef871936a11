"""Two lines, each beside a model of it: every command goes to both."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from core import clock
from core.errors import Refused
from queues import commands
from tests.properties.compare import Follower, check_everything
from tests.properties.model import Model

_now = clock.now


class TwoLines(RuleBasedStateMachine):
    """Two lines and their models. The clock stands still within a step."""

    def __init__(self) -> None:
        super().__init__()
        self.now = _now()
        clock.now = self._read
        self.lines: list[tuple[UUID, Model]] = []
        self.followers: list[Follower] = []

    def _read(self, *, using: str = "") -> datetime:
        return self.now

    def teardown(self) -> None:
        clock.now = _now
        for follower, (queue_id, model) in zip(self.followers, self.lines, strict=True):
            follower.check_with_the_programs_own_replay(queue_id)
            assert sorted(party.ticket for party in model.parties.values()) == list(range(1, model.next_ticket))

    def both(
        self,
        line: int,
        command: Callable[[UUID], Any],
        expected: Callable[[Model], Any],
        *,
        undoable: bool = False,
        after: Callable[[Model, Any], None] = lambda model, answer: None,
        same: Callable[[Any, Any], bool] = lambda answer, wanted: True,
    ) -> None:
        """Gives the command to the program and to the model; compares answers, refusals and the resulting lines."""
        self.now += timedelta(milliseconds=1)
        queue_id, before = self.lines[line]
        model = before.copy()
        refusal: type[Refused] | None = None
        wanted = None
        try:
            wanted = expected(model)
        except Refused as problem:
            refusal = type(problem)
        if refusal is not None:
            with pytest.raises(Refused) as refused:
                command(queue_id)
            assert type(refused.value) is refusal
            check_everything(queue_id, before, self.followers[line])
            return
        answer = command(queue_id)
        after(model, answer)
        model.finish(self.now, before, undoable=undoable)
        assert same(answer, wanted)
        if not model.events:
            model.events = before.events
        self.lines[line] = (queue_id, model)
        check_everything(queue_id, model, self.followers[line])

    def any_party(self, line: int, who: int) -> str:
        """The id of a party of the line, mostly of one in line; for 30 an id that no party has."""
        model = self.lines[line][1]
        ids = (
            [party.id for party in model.called()] * 3
            + [party.id for party in model.waiting()] * 2
            + list(model.parties)
        )
        return ids[who % len(ids)] if ids and who != 30 else "00000000-0000-4000-8000-000000000000"

    def one_party(self, line: int, who: int, action: str, *, undoable: bool = True, **actor: Any) -> None:
        """Gives a command that takes only a party to the party `who`."""
        self.on_party(line, self.any_party(line, who), action, undoable=undoable, **actor)

    def on_party(self, line: int, party: str, action: str, *, undoable: bool = True, **actor: Any) -> None:
        """Gives a command that takes only a party to this party."""
        self.both(
            line,
            lambda queue_id: getattr(commands, action)(queue_id, party_id=party, **actor),
            lambda model: getattr(model, action)(self.now, party),
            undoable=undoable,
        )

    def joins(self, line: int, name: str, size: int, key: str, **options: Any) -> None:
        """A guest joins, also as the older contract has it (`unique_name`); with a `note` it is a walk-in."""
        walk_in = "note" in options
        command = commands.add_walk_in if walk_in else commands.join
        known = self.lines[line][1].keys.get(key)

        def admit(model: Model, joined: commands.Joined) -> None:
            if known is None:
                model.admit(str(joined.party.pk), key)
                waiting, called = model.waiting(), bool(model.called())
                assert (joined.place.position, joined.place.queue_length) == (
                    len(waiting) + called,
                    len(waiting) + called,
                )

        self.both(
            line,
            lambda queue_id: command(queue_id, name=name, size=size, key=key, **options),
            lambda model: model.join(self.now, name=name, size=size, key=key, walk_in=walk_in, **options),
            undoable=walk_in,
            after=admit,
            same=lambda joined, wanted: wanted is None or str(joined.party.pk) == wanted,
        )
