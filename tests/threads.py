"""The same work in several threads at once, each with its own connection to Postgres."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """What `work` returned in each of as many threads, which begin together."""
    together = threading.Barrier(count)

    def run() -> Any:
        together.wait(10)
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]
