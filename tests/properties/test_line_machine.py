"""Any order of any commands on a few lines: the program and a plain model of the contract must stay the same (B2, laws 3, 10)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from core import clock
from core.actors import Actor
from core.errors import Refused
from outbox import dispatcher
from queues import commands, selectors
from queues.models import Queue
from tests.installation import FULL
from tests.properties.compare import Follower, check_everything
from tests.properties.guest_rules import LINES, NAMES, NOTES, SIZES, WHO, GuestsOfTwoLines
from tests.properties.model import Model

EXAMPLES, STEPS = (400, 60) if FULL else (15, 40)
LATE = 15

STAFF = st.sampled_from([Actor("host"), Actor("staff")])
JUMPS = st.sampled_from([1, 1, 7, 31, 31, 121])


class LineMachine(GuestsOfTwoLines):
    """What people and time may do."""

    @initialize(
        most=st.sampled_from([9, 14, 100]), window=st.sampled_from([30, 120]), auto=st.booleans(),
        no_show=st.booleans(), span=st.sampled_from([0, 60]), crowd=st.lists(NAMES, min_size=2, max_size=7),
    )  # fmt: skip
    def open(self, most: int, window: int, auto: bool, no_show: bool, span: int, crowd: list[str]) -> None:
        for max_guests in (most, 4):
            rules: dict[str, Any] = {
                "max_guests": max_guests, "call_window_s": window, "auto_advance": auto, "auto_no_show": no_show,
                "on_my_way_s": span,
            }  # fmt: skip
            queue = commands.open_line(commands.NewLine(event_name="Line", **rules))
            model = Model(opened_at=self.now, **rules)
            self.lines.append((queue.pk, model))
            self.followers.append(Follower(queue.pk))
            check_everything(queue.pk, model, self.followers[-1])
        for name in crowd:
            self.joins(0, name, 1, "")

    # ---------------------------------------------------------------------------------------------------------- hosts
    @rule(line=LINES, who=WHO, other=WHO)
    def move_behind(self, line: int, who: int, other: int) -> None:
        party, before = self.any_party(line, who), self.any_party(line, other)
        self.both(
            line,
            lambda queue_id: commands.move_behind(queue_id, party_id=party, other_id=before),
            lambda model: model.move_behind(self.now, party, before),
            undoable=True,
        )

    @rule(line=LINES, who=WHO, text=st.sampled_from(["Soon", "Now"]))
    def message_party(self, line: int, who: int, text: str) -> None:
        party = self.any_party(line, who)
        self.both(
            line,
            lambda queue_id: commands.message_party(queue_id, party_id=party, text=text),
            lambda model: model.message(self.now, party, text),
            undoable=True,
        )

    @rule(line=LINES, who=WHO, minutes=st.sampled_from([None, None, 1, 3, 0]))
    def give_more_time(self, line: int, who: int, minutes: int | None) -> None:
        party = self.any_party(line, who)
        self.both(
            line,
            lambda queue_id: commands.give_more_time(queue_id, party_id=party, minutes=minutes),
            lambda model: model.give_more_time(self.now, party, minutes),
            undoable=True,
        )

    @rule(line=LINES, who=WHO, actor=STAFF)
    def serve(self, line: int, who: int, actor: Actor) -> None:
        self.one_party(line, who, "serve", actor=actor)

    @rule(line=LINES, who=WHO)
    def kick(self, line: int, who: int) -> None:
        self.one_party(line, who, "kick")

    @rule(line=LINES, who=WHO)
    def no_show(self, line: int, who: int) -> None:
        self.one_party(line, who, "no_show")

    @rule(line=LINES, who=WHO)
    def put_back(self, line: int, who: int) -> None:
        self.one_party(line, who, "put_back")

    @rule(line=LINES, who=st.none() | WHO)
    def call(self, line: int, who: int | None) -> None:
        party = None if who is None else self.any_party(line, who)
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
        done = called[-1].id if served and called else None if wrong is None else self.any_party(line, wrong)
        chosen = None if following is None else self.any_party(line, following)
        self.both(
            line,
            lambda queue_id: commands.advance(queue_id, served_party=done, next_party=chosen),
            lambda model: model.advance(self.now, done, chosen),
            undoable=True,
            same=lambda answer, wanted: (str(answer.pk) if answer else None) == wanted,
        )

    @rule(line=LINES, who=WHO, position=st.integers(1, 6))
    def reorder(self, line: int, who: int, position: int) -> None:
        party = self.any_party(line, who)
        self.both(
            line,
            lambda queue_id: commands.reorder(queue_id, party_id=party, position=position),
            lambda model: model.reorder(self.now, party, position),
            undoable=True,
        )

    @rule(line=LINES, who=WHO, name=st.none() | NAMES, size=st.none() | SIZES, note=st.none() | NOTES)
    def edit(self, line: int, who: int, name: str | None, size: int | None, note: str | None) -> None:
        party = self.any_party(line, who)
        self.both(
            line,
            lambda queue_id: commands.edit_party(queue_id, party_id=party, name=name, size=size, note=note),
            lambda model: model.edit(self.now, party, name, size, note),
            undoable=True,
        )

    @precondition(lambda self: self.lines[0][1].version > LATE)
    @rule(line=LINES, paused=st.booleans())
    def pause(self, line: int, paused: bool) -> None:
        self.both(
            line,
            lambda queue_id: (commands.pause if paused else commands.resume)(queue_id),
            lambda model: model.pause(self.now, paused),
            undoable=True,
        )

    # Late, or most of what an example does would be refused by a closed line.
    @precondition(lambda self: self.lines[0][1].version > LATE)
    @rule(line=LINES)
    def close(self, line: int) -> None:
        self.both(line, commands.close, lambda model: model.close(self.now), undoable=True)

    @precondition(lambda self: self.lines[0][1].version > LATE)
    @rule(seconds=st.sampled_from([7_260, 43_300]))
    def hours_pass(self, seconds: int) -> None:
        self.time_passes(seconds)
        self.undo(0)

    @rule(line=LINES)
    def undo(self, line: int) -> None:
        self.both(
            line,
            commands.undo,
            lambda model: model.undo(self.now),
            same=lambda answer, wanted: answer.version == wanted,
        )

    @rule(line=LINES, which=WHO)
    def undo_what_the_console_names(self, line: int, which: int) -> None:
        """An action that cannot be taken back any more does not bar those before it, nor does what the clock did."""
        queue_id, model = self.lines[line]
        named = commands.actions_to_undo(queue_id, self.now, most=3)
        assert [action.version for action in named] == model.can_undo(self.now, most=3)
        at_once = [action.version for action in named if action.at_once]
        assert at_once == model.can_undo_at_once(self.now, most=3)
        if at_once:
            version = at_once[which % len(at_once)]
            self.both(
                line,
                lambda wanted: commands.undo(wanted, expected_version=version),
                lambda wanted: wanted.undo(self.now, version),
            )

    @rule(
        line=LINES, who=WHO, action=st.sampled_from(["serve", "kick", "edit"]), back=st.booleans(), other=st.booleans()
    )
    def a_namesake_comes_first(self, line: int, who: int, action: str, back: bool, other: bool) -> None:
        """Rare by chance: a party of the same name has joined when an undo (or the host) brings a party back. Both stay."""
        party = self.any_party(line, who)
        known = self.lines[line][1].parties.get(party)
        if action == "edit":
            self.edit(line, who, "Bob", None, None)
        else:
            self.one_party(line, who, action)
        self.joins(line, known.name if known and not other else "Ada", 1, "")
        if back:
            self.on_party(line, party, "put_back")
        self.undo(line)
        if other:
            self.undo(line)

    @precondition(lambda self: self.lines[0][1].done)
    @rule()
    def undo_what_is_not_the_last(self) -> None:
        """The host saw an older line: nothing may happen."""
        queue_id, model = self.lines[0]
        other = model.done[-1][0] - 1
        if other in model.can_undo_at_once(self.now):
            return
        with pytest.raises(Refused):
            commands.undo(queue_id, expected_version=other)
        check_everything(queue_id, model, self.followers[0])

    # ----------------------------------------------------------------------------------------------------------- time
    @rule(line=LINES, who=WHO)
    def a_sweep_comes_too_early(self, line: int, who: int) -> None:
        party = self.any_party(line, who)
        self.both(
            line,
            lambda queue_id: commands.expire_call(queue_id, party_id=UUID(party)),
            lambda model: model.expire(self.now, party),
            undoable=True,
            same=bool.__eq__,
        )

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
                    undoable=True,
                    same=bool.__eq__,
                )
        assert not any(
            party.call_deadline and party.call_deadline <= self.now and party.late_at is None
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


@pytest.mark.faults
@pytest.mark.timeout(3600 if FULL else 240)
@pytest.mark.django_db(transaction=True)
def test_lines_do_what_the_contract_says_in_any_order_of_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "after_commit", lambda *_: None)  # snapshots are another test's
    monkeypatch.setattr(clock, "now", clock.now)  # restored even if an example ends badly
    run_state_machine_as_test(
        LineMachine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
