"""Clients in a separate process on uvloop, and the pipe by which the benchmark talks with them."""

import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import uvloop


@dataclass(frozen=True, slots=True)
class _Problem:
    text: str


class Child:
    """Runs `serve(pipe, *arguments)`, a coroutine function at the top of a module, on `core` (None: any)."""

    def __init__(
        self, serve: Callable[..., Coroutine[Any, Any, None]], *arguments: object, core: int | None = None
    ) -> None:
        context = get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=_run, args=(serve, arguments, core, there), daemon=True)
        self._process.start()
        there.close()

    def tell(self, said: object) -> None:
        """Sends something to the clients."""
        self._pipe.send(said)

    def hear(self, within_s: float) -> Any:
        """What the clients say next. AssertionError when they say nothing, or have failed."""
        assert self._pipe.poll(within_s), "the clients say nothing"
        said = self._pipe.recv()
        assert not isinstance(said, _Problem), said.text
        return said

    def close(self) -> None:
        """Ends the process."""
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(5)


def _run(serve: Callable[..., Coroutine[Any, Any, None]], arguments: Any, core: int | None, pipe: Connection) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        uvloop.run(serve(pipe, *arguments))
    except EOFError:  # closed by the benchmark
        pass
    except BaseException as problem:
        pipe.send(_Problem(f"{type(problem).__name__}: {problem}"))
