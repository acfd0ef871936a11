"""Lines whose clock the test sets, so that every figure of a report can be computed by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from core import clock
from outbox import dispatcher, work
from outbox.models import Effect
from queues import commands
from queues.models import Queue
from venues import commands as venue_commands
from venues.models import Venue

# 18:00 on a Saturday in New York.
OPENING = datetime(2026, 2, 28, 23, 0, tzinfo=UTC)


class Watch:
    """What the database's clock says in this test."""

    def __init__(self) -> None:
        self.now = OPENING

    def at(self, minutes: float) -> None:
        """That long after opening."""
        self.now = OPENING + timedelta(minutes=minutes)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Watch:
    """The one clock, in the test's hand. No worker is woken: `keep_facts` performs effects. Waits are those of the first rules:
    three minutes a party."""
    settings.QUOTE_MODEL = 1
    held = Watch()
    monkeypatch.setattr(clock, "now", lambda: held.now)
    monkeypatch.setattr(dispatcher, "after_commit", lambda *_: None)
    return held


@pytest.fixture
def venue(transactional_db: None) -> Venue:
    """A restaurant in New York."""
    return venue_commands.create_venue(name="Nonna", timezone_name="America/New_York")


@pytest.fixture
def new_line(watch: Watch, venue: Venue) -> Callable[..., Queue]:
    """Opens a line of the venue, now."""

    def opened(**fields: object) -> Queue:
        new = commands.NewLine(event_name="Saturday", max_guests=500, **fields)  # type: ignore[arg-type]
        return commands.open_line(new, venue=venue)

    return opened


@pytest.fixture
def line(new_line: Callable[..., Queue]) -> Queue:
    """A line just opened."""
    return new_line()


def pending() -> list[int]:
    """The ids of the facts still to be kept, in order."""
    effects = Effect.objects.filter(name="analytics", status=Effect.Status.PENDING)
    return list(effects.order_by("pk").values_list("pk", flat=True))


def keep_facts(*, backwards: bool = False) -> None:
    """Performs every effect `analytics` that waits, in the order of the events or against it."""
    for effect_id in pending()[:: -1 if backwards else 1]:
        work.perform(effect_id)
    assert not pending()
