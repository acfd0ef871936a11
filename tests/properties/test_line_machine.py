"""Any order of any commands on a few lines: the program and a plain model of the contract must stay the same (B2, laws 3, 10)."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from config.errors import Refused
from outbox import clock, relay
from outbox.actors import Actor
from queues import commands, selectors
from queues.models import Queue
from tests.properties.check import Follower, check_everything
from tests.properties.model import Model

FULL = os.environ.get("FAULTS_FULL", "") not in ("", "0", "off")
EXAMPLES, STEPS = (400, 60) if FULL else (40, 35)

NAMES = st.sampled_from(["", "", "Ada", "Ada", " Ada ", "Bob", "名前"])
SIZES = st.sampled_from([1, 1, 2, 3, 5, 0])
KEYS = st.sampled_from(["", "", "", "k1", "k2", "k3"])
NOTES = st.sampled_from(["", "window", "pram"])
LINES = st.sampled_from([0, 0, 0, 1])
WHO = st.integers(0, 30)
STAFF = st.sampled_from([Actor("host"), Actor("staff")])
JUMPS = st.sampled_from([1, 1, 7, 30, 121, 7_260, 43_300])

_now = clock.now


class LineMachine(RuleBasedStateMachine):
    """Two lines, and everybody who has ever stood in them. The clock stands still within a step."""

    def __init__(self) -> None:
        super().__init__()
        self.now = _now()
        clock.now = lambda: self.now
        self.lines: list[tuple[UUID, Model]] = []
        self.followers: list[Follower] = []

    @initialize(
        most=st.sampled_from([6, 12, 100]), window=st.sampled_from([30, 120]), auto=st.booleans(), small=st.booleans()
    )
    def open(self, most: int, window: int, auto: bool, small: bool) -> None:
        for max_guests in (most, 4 if small else 100):
            new = commands.NewLine(event_name="Line", max_guests=max_guests, call_window_s=window, auto_advance=auto)
            queue = commands.open_line(new)
            model = Model(opened_at=self.now, max_guests=max_guests, call_window_s=window, auto_advance=auto)
            self.lines.append((queue.pk, model))
            self.followers.append(Follower(queue.pk))
            check_everything(queue.pk, model, self.followers[-1])

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
        """Gives the command to the program and to the model; compares answers, refusals and all that stands then."""
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
        if not model.told:
            model.told = before.told
        self.lines[line] = (queue_id, model)
        check_everything(queue_id, model, self.followers[line])

    def someone(self, line: int, who: int) -> str:
        """A party of the line by any number, mostly of those in line; sometimes nobody's id at all."""
        model = self.lines[line][1]
        ids = [party.id for party in model.in_line()] * 3 + list(model.parties)
        return ids[who % len(ids)] if ids and who != 30 else "00000000-0000-4000-8000-000000000000"

    # --------------------------------------------------------------------------------------------------------- guests
    def _join(self, line: int, name: str, size: int, key: str, **walk_in: Any) -> None:
        command = commands.add_walk_in if walk_in else commands.join
        note = {"note": walk_in["note"]} if walk_in else {}
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
            lambda queue_id: command(queue_id, name=name, size=size, key=key, **note),
            lambda model: model.join(self.now, name=name, size=size, key=key, walk_in=bool(walk_in), **note),
            undoable=bool(walk_in),
            after=admit,
            same=lambda joined, wanted: wanted is None or str(joined.party.pk) == wanted,
        )

    @rule(line=LINES, name=NAMES, size=SIZES, key=KEYS)
    def join(self, line: int, name: str, size: int, key: str) -> None:
        self._join(line, name, size, key)

    @rule(line=LINES)
    def join_plainly(self, line: int) -> None:
        self._join(line, "", 1, "")

    @rule(line=LINES, name=NAMES, size=SIZES, key=KEYS, note=NOTES)
    def walk_in(self, line: int, name: str, size: int, key: str, note: str) -> None:
        self._join(line, name, size, key, note=note)

    @rule(line=LINES, who=WHO, action=st.sampled_from(["declare_nearby", "leave"]))
    def guest(self, line: int, who: int, action: str) -> None:
        party = self.someone(line, who)
        self.both(
            line,
            lambda queue_id: getattr(commands, action)(queue_id, party_id=party),
            lambda model: getattr(model, action)(self.now, party),
        )

    # ---------------------------------------------------------------------------------------------------------- hosts
    @rule(line=LINES, who=WHO, action=st.sampled_from(["serve", "kick", "no_show", "put_back"]), actor=STAFF)
    def host(self, line: int, who: int, action: str, actor: Actor) -> None:
        party = self.someone(line, who)
        self.both(
            line,
            lambda queue_id: getattr(commands, action)(queue_id, party_id=party, actor=actor),
            lambda model: getattr(model, action)(self.now, party),
            undoable=True,
        )

    @rule(line=LINES, who=st.none() | WHO)
    def call(self, line: int, who: int | None) -> None:
        party = None if who is None else self.someone(line, who)
        self.both(
            line,
            lambda queue_id: commands.call(queue_id, party_id=party),
            lambda model: model.call(self.now, party),
            undoable=True,
            same=lambda answer, wanted: str(answer.pk) == wanted,
        )

    @rule(line=LINES, served=st.booleans(), wrong=st.none() | WHO, following=st.none() | WHO)
    def advance(self, line: int, served: bool, wrong: int | None, following: int | None) -> None:
        called = self.lines[line][1].called()
        done = called[-1].id if served and called else None if wrong is None else self.someone(line, wrong)
        chosen = None if following is None else self.someone(line, following)
        self.both(
            line,
            lambda queue_id: commands.advance(queue_id, served_party=done, next_party=chosen),
            lambda model: model.advance(self.now, done, chosen),
            undoable=True,
            same=lambda answer, wanted: (str(answer.pk) if answer else None) == wanted,
        )

    @rule(line=LINES, who=WHO, position=st.integers(1, 6))
    def reorder(self, line: int, who: int, position: int) -> None:
        party = self.someone(line, who)
        self.both(
            line,
            lambda queue_id: commands.reorder(queue_id, party_id=party, position=position),
            lambda model: model.reorder(self.now, party, position),
            undoable=True,
        )

    @rule(line=LINES, who=WHO, name=st.none() | NAMES, size=st.none() | SIZES, note=st.none() | NOTES)
    def edit(self, line: int, who: int, name: str | None, size: int | None, note: str | None) -> None:
        party = self.someone(line, who)
        self.both(
            line,
            lambda queue_id: commands.edit_party(queue_id, party_id=party, name=name, size=size, note=note),
            lambda model: model.edit(self.now, party, name, size, note),
            undoable=True,
        )

    @rule(line=LINES, paused=st.booleans())
    def pause(self, line: int, paused: bool) -> None:
        self.both(
            line,
            lambda queue_id: (commands.pause if paused else commands.resume)(queue_id),
            lambda model: model.pause(self.now, paused),
            undoable=True,
        )

    @rule(line=LINES, often=st.integers(0, 3))
    def close(self, line: int, often: int) -> None:
        if often == 0:  # or most examples would end here
            self.both(line, commands.close, lambda model: model.close(self.now), undoable=True)

    @rule(line=LINES)
    def undo(self, line: int) -> None:
        self.both(
            line,
            commands.undo,
            lambda model: model.undo(self.now),
            same=lambda answer, wanted: answer.version == wanted,
        )

    @rule(line=LINES, who=WHO, action=st.sampled_from(["serve", "kick", "edit"]), again=st.booleans())
    def a_namesake_comes_before_the_undo(self, line: int, who: int, action: str, again: bool) -> None:
        """Rare by chance, and where it hurts: the name of whom an undo brings back may be taken by now."""
        party = self.someone(line, who)
        known = self.lines[line][1].parties.get(party)
        if action == "edit":
            self.edit(line, who, "Bob", None, None)
        else:
            self.host(line, who, action, Actor("host"))
        self._join(line, known.name if known and not again else "Ada", 1, "")
        self.undo(line)
        if again:
            self.undo(line)

    @precondition(lambda self: self.lines and self.lines[0][1].done)
    @rule()
    def undo_what_is_not_the_last(self) -> None:
        """The host saw an older line: nothing may happen."""
        queue_id, model = self.lines[0]
        with pytest.raises(Refused):
            commands.undo(queue_id, expected_version=model.done[-1][0] - 1)
        check_everything(queue_id, model, self.followers[0])

    # ----------------------------------------------------------------------------------------------------------- time
    @rule(seconds=JUMPS)
    def time_passes(self, seconds: int) -> None:
        """Then the sweep comes by, and does what is due in the order of the deadlines."""
        self.now += timedelta(seconds=seconds)
        ours = {queue_id: index for index, (queue_id, _) in enumerate(self.lines)}
        for queue_id, party_id in selectors.calls_over(self.now):
            if queue_id in ours:
                self.both(
                    ours[queue_id],
                    lambda wanted, party=party_id: commands.expire_call(wanted, party_id=party),  # type: ignore[misc]
                    lambda model, party=party_id: model.expire(self.now, str(party)),  # type: ignore[misc]
                    same=bool.__eq__,
                )
        assert not any(
            party.call_deadline and party.call_deadline <= self.now
            for _, model in self.lines
            for party in model.called()
        )
        for queue_id, index in ours.items():
            self.both(
                index, lambda wanted: commands.close_if_over(wanted), lambda model: model.close_if_over(self.now),
                same=bool.__eq__,
            )  # fmt: skip
            closed = Queue.objects.get(pk=queue_id).is_closed
            assert closed or queue_id not in selectors.lines_over(self.now) or self.lines[index][1].in_line()


@pytest.mark.timeout(3600 if FULL else 120)
@pytest.mark.django_db(transaction=True)
def test_lines_do_what_the_contract_says_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "after_commit", lambda *_: None)  # snapshots are another test's
    monkeypatch.setattr(clock, "now", clock.now)  # restored even if an example ends badly
    run_state_machine_as_test(
        LineMachine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
