"""Hosts whose tablets have a network now and then, guests and the clock meanwhile: each action is done once, or refused for a
reason; the line is what its model says, whatever is sent again, in whatever order (decision 0076, B11)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from core import clock
from outbox import dispatcher
from outbox.models import Event
from queues.models import Queue, SentAction
from tests.installation import FULL
from tests.properties.compare import check_everything
from tests.properties.machine import TwoLines
from tests.properties.offline_model import Judge, plain
from tests.properties.test_line_machine import LineMachine
from tests.queues.tablets import Kept, Tablet

EXAMPLES, STEPS = (300, 60) if FULL else (12, 45)
TABLETS = st.integers(0, 1)
# Of one tablet: pressed without a network, mostly what a host does all evening.
BUTTONS = st.sampled_from(
    [
        "call",
        "call",
        "call-next",
        "call-next",
        "call-again",
        "seat",
        "seat",
        "more-time",
        "no-show",
        "remove",
        "put-back",
    ]
)
PRESSED = st.lists(st.tuples(BUTTONS, st.integers(0, 2)), min_size=1, max_size=6)
# What others do with a party of that tablet in the same time.
MEANWHILE = st.lists(
    st.tuples(
        st.sampled_from(
            [
                ("call",),
                ("call", "put_back"),
                ("call", "put_back"),
                ("put_back",),
                ("serve",),
                ("leave",),
                ("call", "no_show"),
            ]
        ),
        st.integers(0, 2),
    ),
    max_size=3,
)
MOST_SENT = 5


class OfflineHosts(TwoLines):
    """Two tablets on the first line. Beside them guests, hosts with a network and the clock do some of what LineMachine does."""

    open, join, let_pass, time_passes = (
        LineMachine.open,
        LineMachine.join,
        LineMachine.let_pass,
        LineMachine.time_passes,
    )
    ask_more_time, reorder, undo = LineMachine.ask_more_time, LineMachine.reorder, LineMachine.undo

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge()
        self.ticking = False
        self.tablets: list[Tablet] = []
        # Batches that were sent, with the answers: some are sent again.
        self.sent: list[tuple[list[Kept], list[dict[str, Any]]]] = []

    def _read(self, *, using: str = "") -> datetime:
        """Commands of one request are apart by their time."""
        if self.ticking:
            self.now += timedelta(milliseconds=1)
        return self.now

    def both(self, line: int, *arguments: Any, **options: Any) -> None:
        """Also notes who was called, with the version of the call."""
        before = self.lines[line][1].version
        super().both(line, *arguments, **options)
        model = self.lines[line][1]
        if line == 0 and model.version > before:
            self.judge.note_calls(model)

    def tablet(self, number: int) -> Tablet:
        """That tablet; it is switched on when it is first used."""
        if not self.tablets:
            self.tablets = [Tablet(Queue.objects.get(pk=self.lines[0][0])) for _ in range(2)]
        return self.tablets[number]

    @rule(number=TABLETS)
    def has_a_network(self, number: int) -> None:
        self.tablet(number).look()

    @rule(number=TABLETS, button=BUTTONS, which=st.integers(0, 9))
    def press(self, number: int, button: str, which: int) -> None:
        """About a party that the tablet shows, whatever has become of it."""
        tablet = self.tablet(number)
        shown = list(tablet.states)
        if button == "call-next" and tablet.first:
            kept = tablet.press("call", tablet.first, saw="first")
        elif shown and button != "call-next":
            kept = tablet.press(button, shown[which % len(shown)])
        else:
            return
        kept["at"] = self.now

    @rule(
        number=TABLETS,
        pressed=PRESSED,
        meanwhile=MEANWHILE,
        seconds=st.sampled_from([0, 3, 20, 40]),
        lost=st.booleans(),
    )
    def goes_without_a_network(
        self,
        number: int,
        pressed: list[tuple[str, int]],
        meanwhile: list[tuple[tuple[str, ...], int]],
        seconds: int,
        lost: bool,
    ) -> None:
        """What a tablet does meets what other hosts and guests do with the same parties before it is sent."""
        tablet = self.tablet(number)
        self.send(number, answered=True)
        tablet.look()
        shown = list(tablet.states)[:3]
        if not shown:
            return
        half = len(pressed) // 2
        for button, which in pressed[:half]:
            self.press(number, button, which % len(shown))
        for several, which in meanwhile:
            for command in several:
                self.on_party(0, shown[which % len(shown)], command, undoable=command != "leave")
        if seconds:
            self.time_passes(seconds)
        if lost:
            self.send(number, answered=False)
        for button, which in pressed[half:]:
            self.press(number, button, which % len(shown))
        self.send(number, answered=True)

    @rule(number=TABLETS, what=st.sampled_from(["pause", "resume", "walk-in", "walk-in"]), size=st.integers(1, 4))
    def press_for_the_line(self, number: int, what: str, size: int) -> None:
        fields: dict[str, Any] = {"size": size} if what == "walk-in" else {}
        self.tablet(number).press(what, **fields)["at"] = self.now

    @precondition(lambda self: any(tablet.kept for tablet in self.tablets))
    @rule(number=TABLETS, answered=st.booleans())
    def send(self, number: int, answered: bool) -> None:
        """All that is kept, in order. Where the answer is lost it is kept, and sent again later with what was pressed since."""
        tablet = self.tablet(number)
        batch = tablet.kept[:16]
        if batch:
            self._send(tablet, batch)
        if answered:
            tablet.kept = tablet.kept[16:]

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """What was answered long ago, in any order: nothing is done, and the answers are the first ones."""
        batch, outcomes = data.draw(st.sampled_from(self.sent))
        order = data.draw(st.permutations(range(len(batch))))
        before = Queue.objects.get(pk=self.lines[0][0]).version
        again = self.tablets[0].send(plain([batch[place] for place in order]))
        assert again == [{**outcomes[place], "already": True, "text": told(outcomes[place])} for place in order]
        assert Queue.objects.get(pk=self.lines[0][0]).version == before

    def _send(self, tablet: Tablet, batch: list[Kept]) -> None:
        queue_id, before = self.lines[0]
        known = dict(self.judge.known)
        self.ticking = True
        outcomes = tablet.send(plain(batch))
        self.ticking = False
        made = [
            outcome["partyId"] if action["action"] == "walk-in" else None
            for action, outcome in zip(batch, outcomes, strict=True)
        ]
        came = dict(SentAction.objects.filter(queue_id=queue_id).values_list("action_id", "at"))
        times = [came.get(UUID(action["id"]), self.now) for action in batch]
        model = self.judge.perform(before, batch, times, made)
        for action, outcome in zip(batch, outcomes, strict=True):
            wanted = self.judge.known[action["id"]]
            assert (outcome["outcome"] == "done", outcome["version"]) == (wanted.done, wanted.version), (
                action,
                outcome,
            )
            assert outcome["already"] == (action["id"] in known)
            assert bool(outcome["text"]) or wanted.done, "a refusal without a sentence"
        self.lines[0] = (queue_id, model)
        check_everything(queue_id, model, self.followers[0])
        self.sent = [*self.sent[-MOST_SENT:], (list(batch), outcomes)]

    @invariant()
    def no_action_calls_twice(self) -> None:
        if not self.tablets:
            return
        rows = SentAction.objects.filter(queue_id=self.lines[0][0], action__in=["call", "call-again"], refusal="")
        versions = [row.version or 0 for row in rows]
        assert len(versions) == len(set(versions)), "two actions made one call"
        calls = Event.objects.filter(stream_id=self.lines[0][0], type="QUEUE_MEMBER_CALLED", version__in=versions)
        assert calls.count() == len(versions), "an action made no call, or two"


def told(outcome: dict[str, Any]) -> str:
    """The text of an outcome that is told again: why it was refused; what was said of one that was done is not kept."""
    return str(outcome["text"]) if outcome["outcome"] == "refused" else ""


@pytest.mark.faults
@pytest.mark.timeout(3600 if FULL else 240)
@pytest.mark.django_db(transaction=True)
def test_what_tablets_without_a_network_have_kept_is_done_once_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "after_commit", lambda *_: None)  # snapshots are another test's
    monkeypatch.setattr(clock, "now", clock.now)  # restored even if an example ends badly
    run_state_machine_as_test(
        OfflineHosts,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
