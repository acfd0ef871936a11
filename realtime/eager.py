"""Running a coroutine at once, in whatever task is at hand: most of what is sent to thousands of clients never has to wait."""

from collections.abc import Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any

Work = Coroutine[Any, Any, None]


def begin(work: Work) -> Work | None:
    """Runs it until it waits for the first time; what is left of it then, or None when it has ended.

    Until then nothing in it may ask for the current task (asyncio.timeout does): that is the caller's.
    """
    try:
        waits = work.send(None)
    except StopIteration:
        return None
    return _left(work, waits)


async def _left(work: Work, waits: Any) -> None:
    await _going_on(work, waits)


@coroutine
def _going_on(work: Work, waits: Any) -> Generator[Any, Any, None]:
    while True:
        try:
            got = yield waits
        except BaseException as problem:
            go_on = partial(work.throw, problem)
        else:
            go_on = partial(work.send, got)
        try:
            waits = go_on()
        except StopIteration:
            return
