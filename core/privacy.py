"""What a log line may say (law 8): no name, no contact, no token, no address, no path with an id of a person, a code or a token.

Exceptions are the worst: their messages quote what a guest sent, or the row that stood in the way. Of most only the type is
said, of a database's error its code and the constraint; the frames of a traceback say where.
"""

import re
import traceback
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from types import TracebackType

from django.urls import URLPattern, URLResolver, get_resolver

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

# Their messages name code, not values.
_OF_CODE = (AttributeError, ImportError, NameError, NotImplementedError, RecursionError, TypeError)
# Words in paths that never enter Django (config/edge.py, config/sockets.py).
_EDGE_WORDS = (
    "api assets ballots connect console healthz join metrics poll polls queue readyz receipt results rooms snapshot static stream"
    " ticks versions vote vote_ws"
)
_URL = re.compile(r"\b((?:https?|wss?)://)([^\s/?#'\"<>]*)([^\s?#'\"<>]*)(\?[^\s'\"<>]*)?")
_PATH = re.compile(r"(?<![\w.:/<])(/[^\s?#'\"<>()\[\],;]+)(\?[^\s'\"<>]*)?")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\b")
_TOKEN = re.compile(r"(?<![\w.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}")
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w.:])")
_EMAIL = re.compile(r"[^\s@'\"<>=]+@[^\s@'\"<>]+\.\w+")


def summary(problem: BaseException) -> str:
    """What a log line or a column of the database may hold of an exception: its type, or a database error's code and
    constraint."""
    name = type(problem).__name__
    for each in _chain(problem):
        if state := getattr(each, "sqlstate", None):
            constraint = getattr(getattr(each, "diag", None), "constraint_name", None)
            return f"{name} ({state}{f', {constraint}' if constraint else ''})"
    if isinstance(problem, _OF_CODE):
        return f"{name}: {scrubbed(str(problem))}"
    if isinstance(problem, OSError) and problem.strerror and type(problem).__module__ == "builtins":
        return f"{name}: {problem.strerror}"
    return name


def unquoted(text: str, problem: BaseException | None) -> str:
    """The message without quotations from the exception that it reports."""
    if problem is not None:
        for quoted in (repr(problem), str(problem)):
            if len(quoted) > 2:
                text = text.replace(quoted, summary(problem))
    return text


def traceback_of(exc_info: ExcInfo) -> str:
    """A traceback whose last lines hold only the `summary`; causes first, as Python prints them."""
    problem = exc_info[1]
    parts: list[str] = []
    for each in reversed(list(_chain(problem))):
        frames = traceback.format_tb(each.__traceback__)
        parts.append("".join(["Traceback (most recent call last):\n", *frames, summary(each)]))
        if isinstance(each, BaseExceptionGroup):
            parts += [traceback_of((type(one), one, one.__traceback__)) for one in each.exceptions]
    return "\n\nWhich led to:\n\n".join(parts)


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """The exception, its cause or context, and so on."""
    seen: set[int] = set()
    following: BaseException | None = problem
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def scrubbed(text: str) -> str:
    """The text without ids, tokens and addresses, and with paths as `templated` returns them."""
    text = _URL.sub(lambda found: found[1] + found[2] + templated(found[3]) + ("?…" if found[4] else ""), text)
    text = _PATH.sub(lambda found: templated(found[1]) + ("?…" if found[2] else ""), text)
    text = _EMAIL.sub("…", text)
    text = _UUID.sub("…", text)
    text = _TOKEN.sub("…", text)
    return _ADDRESS.sub(_unless_ours, text)


def templated(path: str) -> str:
    """The path with only the words of our routes left: /api/queue/…/join."""
    return "/".join(part if not part or part in _words() else "…" for part in path.split("/"))


def _unless_ours(found: re.Match[str]) -> str:
    try:
        address = ip_address(found[0])
    except ValueError:
        return found[0]  # a time of day, say
    return found[0] if address.is_loopback or address.is_unspecified else "…"


@cache
def _words() -> frozenset[str]:
    return frozenset({*_EDGE_WORDS.split(), *_words_of(get_resolver())})


def _words_of(resolver: URLResolver) -> Iterator[str]:
    for each in resolver.url_patterns:
        route = re.sub(r"<[^>]*>|\(\?P<.*?\)|\\.", " ", str(each.pattern))
        yield from re.findall(r"[A-Za-z][\w.-]*", route)
        if isinstance(each, URLResolver):
            yield from _words_of(each)
        elif not isinstance(each, URLPattern):
            raise TypeError(type(each))
