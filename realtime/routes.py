"""The table of hot paths and of WebSockets: each slice's edge package declares its `ROUTES` and `SOCKETS`; config/edge.py and
config/sockets.py answer them, config/openapi.py describes them, and tests walk them (decision 0047)."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from limits import RateLimitItem

from core.codes import CODE_IN_ANY_CASE
from realtime.consumers import Consumer

View = Callable[..., Awaitable[None]]

_ID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
# What may stand in a path, by the name of its parameter.
PARTS = {
    "code": CODE_IN_ANY_CASE,
    "line": CODE_IN_ANY_CASE,
    "poll": f"{_ID}|{CODE_IN_ANY_CASE}",
    "room": f"{_ID}|{CODE_IN_ANY_CASE}",
    "slug": "[A-Za-z0-9-]+",
    "poll_id": _ID,
    "session_id": _ID,
}
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Limit:
    """How often one address may ask. `counted` names the counter. `by_view`: the view counts, because each poll, line or
    kind of file has its own counter or limit; all others are counted before the view is called.
    """

    rate: RateLimitItem
    counted: str
    by_view: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One method of a hot path. GET includes HEAD.

    `view` is a method of a class of views, unbound; as in Django it declares its operation for the OpenAPI page
    (web.openapi.operation), and its docstring is the summary. `limit` is a Limit, or the reason why none is needed.
    """

    method: str
    path: str
    view: View
    limit: Limit | str

    def bound(self, views: Iterable[object]) -> View:
        """The view as a method of the one among `views` whose class has it."""
        name = self.view.__name__
        found: View = next(getattr(each, name) for each in views if vars(type(each)).get(name) is self.view)
        return found

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that are answered."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)


@dataclass(frozen=True, slots=True)
class Socket:
    """The path of a WebSocket. Its consumer is made with the one live part of the process (config/live.py) that is of the type
    `part`. The consumer's `connect` may declare the operation for the OpenAPI page, as the view of a Route does.
    """

    path: str
    consumer: type[Consumer]
    part: type

    def bound(self, parts: Iterable[object]) -> Callable[[], Consumer]:
        """Makes a consumer, with its part among these."""
        part: Any = next(each for each in parts if type(each) is self.part)
        return partial(self.consumer, part)


class Pattern:
    """The paths of a template such as `/api/polls/{poll}/results`, with or without a slash at the end."""

    def __init__(self, template: str) -> None:
        template = template.rstrip("/")
        # Asked first: most paths begin otherwise.
        self.begin = template.partition("{")[0]
        self._exact = re.compile(_PARAMETER.sub(lambda found: f"(?P<{found[1]}>{PARTS[found[1]]})", template) + "/?")
        self._similar = re.compile(_PARAMETER.sub("[^/]+", template) + "/?")

    def match(self, path: str) -> tuple[str, ...] | None:
        """The codes and ids that stand for the parameters; None for another path."""
        found = self._exact.fullmatch(path)
        return found.groups() if found else None

    def named(self, path: str) -> dict[str, str] | None:
        """The same by the names of the parameters."""
        found = self._exact.fullmatch(path)
        return found.groupdict() if found else None

    def resembles(self, path: str) -> bool:
        """Whether the path is of this form, though no code or id may stand there."""
        return self._similar.fullmatch(path) is not None
