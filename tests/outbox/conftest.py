"""Events and effects of the tests' own, so that nothing here depends on who listens to lines."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction

from core import clock
from core.actors import SYSTEM
from outbox import dispatcher, effects
from outbox.effects import Handler
from outbox.models import Effect
from outbox.record import NewEvent, record
from tests.outbox import handlers

INSIDE, OUTSIDE = "inside", "outside"


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the events that came to a handler; registers the effects `inside` and `outside`."""
    handlers.handled.clear()
    handlers.behaviour.clear()
    for name in (INSIDE, OUTSIDE):
        function = "handle_all" if name == INSIDE else "handle"
        monkeypatch.setitem(effects.HANDLERS, name, Handler(f"tests.outbox.handlers.{function}", inside=name == INSIDE))
        monkeypatch.setitem(effects.EFFECTS, f"TEST_{name.upper()}", (name,))
    monkeypatch.setitem(effects.EFFECTS, "TEST_BOTH", (INSIDE, OUTSIDE))
    return handlers.handled


@pytest.fixture
def unsent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Wakes no worker; collects the ids of the effects that workers would be woken for."""
    woken: list[int] = []
    monkeypatch.setattr(
        dispatcher,
        "after_commit",
        lambda stream, stream_id, effects: woken.extend(effect_id for effect_id, _ in effects),
    )
    return woken


def happen(*types: str, **data: Any) -> list[Effect]:
    """Records events of these types, commits, and returns their effects in order."""
    stream_id = uuid4()
    with transaction.atomic():
        record(
            [NewEvent(type=name, data=data) for name in types],
            stream="test", stream_id=stream_id, version=1, at=clock.now(), actor=SYSTEM, action="test",
        )  # fmt: skip
    return list(Effect.objects.filter(event__stream_id=stream_id).order_by("pk"))


def in_threads(*functions: Callable[[], Any]) -> list[Any]:
    """Runs all at the same instant, each in a thread with its own connection. Returns the results in order."""
    start = threading.Barrier(len(functions))

    def run(function: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


@contextmanager
def in_background(function: Callable[[], Any]) -> Iterator[threading.Thread]:
    """Runs it in a thread while the block runs, and waits for its end afterwards."""

    def run() -> None:
        try:
            function()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield thread
    thread.join(20)
    assert not thread.is_alive()
