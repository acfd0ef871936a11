"""Asking Postgres from the event loop: one thread job (law 6)."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.db import Error as DatabaseProblem

from realtime.django.jobpool import Busy

Run = Callable[..., Awaitable[Any]]


class Unreadable(Exception):
    """Neither Redis nor Postgres answers now. Asking again may help."""


async def ask(run: Run, function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `function`, run as a thread job. Raises Unreadable when Postgres is away or all threads are taken."""
    try:
        return await run(function, *arguments)
    except (DatabaseProblem, Busy) as problem:
        raise Unreadable from problem
