"""The demo's evening with nobody at the console in its second half: the clock takes no place away (decision 0074)."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.errors import Refused
from devserver.demo import arrivals
from outbox.models import Event
from queues import commands, reconcile, rules, selectors, timers
from queues.models import Party

LOOKS_EVERY_S = 15


@pytest.mark.django_db
@pytest.mark.thorough
@pytest.mark.parametrize("auto_advance", [False, True])
def test_nobody_loses_their_place_by_the_clock(auto_advance: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = arrivals.evening(1).left_alone()
    began = clock.now()
    passed = timedelta()
    monkeypatch.setattr(clock, "now", lambda **options: began + passed)
    line = commands.open_line(
        commands.NewLine(
            event_name="Friday", max_guests=100, call_window_s=arrivals.CALL_WINDOW_S,
            auto_advance=auto_advance, auto_no_show=False, on_my_way_s=300,
        )
    )  # fmt: skip
    acts: dict[str, Any] = {
        "nearby": commands.declare_nearby, "leave": commands.leave, "ask": commands.ask_more_time,
        "call": commands.call, "serve": commands.serve, "no_show": commands.no_show,
    }  # fmt: skip
    ids: dict[int, Any] = {}
    refused: Counter[str] = Counter()
    looked_s = 0.0
    for action in [*plan.actions, None]:
        until_s = action.at_s if action else plan.length_s + 3600
        while looked_s + LOOKS_EVERY_S <= until_s:
            looked_s += LOOKS_EVERY_S
            passed = timedelta(seconds=looked_s)
            if selectors.calls_over(clock.now()):
                timers.sweep()
        if action is None:
            break
        passed = timedelta(seconds=action.at_s)
        try:
            if action.kind == "join":
                guest = plan.guests[action.party]
                ids[action.party] = commands.join(line.pk, name=guest.name, size=guest.size).party.pk
            elif action.party in ids and action.kind != "free":  # seated without a table
                acts[action.kind](line.pk, party_id=ids[action.party])
        except Refused:
            refused[action.kind] += 1
    assert refused.keys() <= {"join"}, "the line may be full; all else is done"
    ends = plan.ends()
    for number, party_id in ids.items():
        party = Party.objects.get(pk=party_id)
        assert party.status == ends.get(number, party.status if party.status in Party.IN_LINE else "in line")
    assert not Event.objects.filter(stream_id=line.pk, type="QUEUE_MEMBER_DROPPED", actor="system").exists()
    called = Party.objects.filter(queue=line, status=rules.CALLED)
    assert called.exists() and not called.filter(late_at=None).exists(), "each is shown as late"
    told = Event.objects.filter(stream_id=line.pk, type="QUEUE_MEMBER_LATE").count()
    assert told >= called.count(), "and was told"
    by_clock = Event.objects.filter(stream_id=line.pk, type="QUEUE_MEMBER_CALLED", actor="system", at__gt=began).count()
    assert by_clock == 0 if not auto_advance else by_clock >= 1
    assert [*reconcile.replayed(line.pk), *reconcile.structure(line.pk)] == []
