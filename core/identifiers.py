"""Canonical identifiers in paths: ids in lower case with hyphens, short codes in ASCII letters.

Paths are made canonical once, at both entries (config/edge.py, and `CanonicalPaths` for Django), so that limits, counters and
caches see one path for one thing. Behind them only the canonical form of an id is read (`read_id`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponseBase
from django.http.response import HttpResponseRedirect
from django.urls import is_valid_path

from core.api_paths import is_api
from core.asgi_types import Scope
from core.codes import is_code

# What a path must hold for an identifier in it not to be canonical: a character that is no ASCII letter or digit; hexadecimal
# digits without hyphens; an id's capitals; a full stop at the end; a hyphen or full stop in a segment too short for an id.
_ODD = re.compile(
    r"[^A-Za-z0-9/.-]|[0-9A-Fa-f]{13}|[A-F][0-9A-Fa-f]*-|-[0-9a-f]*[A-F]|\.(?:/|$)|/(?=\w*[.-])[\w.-]{6,14}(?:/|$)"
)
_ID = re.compile(
    r"(?:urn:uuid:)?(\{)?([0-9a-f]{8})(-?)([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{12})(?(1)\})"
)
_PLAIN_ID = re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# The segment after one of these is an id or a code.
_BEFORE_CODES = frozenset({"queue", "polls", "poll", "vote", "rooms"})
# In a link: one of these words, then a code, also with marks between its letters.
_LINKED = re.compile(
    r"(?<![a-z])(?:(queue|polls|poll|vote|rooms)/+|[?&]code=)((?:[^a-z0-9/?#]*[a-z0-9]){6})(?![a-z0-9])", re.IGNORECASE
)
_LONGEST_TEXT = 2000
_REDIRECTED = frozenset({"GET", "HEAD"})


def read_id(text: object) -> UUID | None:
    """The UUID in `text`, with hyphens and in any case; None for all other forms that Python's UUID accepts."""
    return UUID(text) if isinstance(text, str) and _PLAIN_ID.fullmatch(text) else None


def text_of(id_: UUID | str) -> str:
    """The id as str() writes it, in a fifth of the time: each ballot writes six."""
    return orjson.dumps(id_)[1:-1].decode()


def as_uuid(text: str) -> UUID | None:
    """The id that `text` is, in any spelling that Python's UUID takes; None for everything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def canonical(path: str) -> str:
    """The path with its identifiers made canonical."""
    if not _is_odd(path):
        return path
    segments = path.split("/")
    return "/".join(
        _segment(segment, may_be_code=before in _BEFORE_CODES)
        for before, segment in zip(["", *segments], segments, strict=False)
    )


@lru_cache(maxsize=512)  # a crowd asks for the same few paths, and the search takes longer than finding their route
def _is_odd(path: str) -> bool:
    return _ODD.search(path) is not None


def _segment(segment: str, *, may_be_code: bool) -> str:
    plain = unicodedata.normalize("NFKC", segment).strip().rstrip(".")
    if found := _ID.fullmatch(plain.lower()):
        return "-".join(found.group(2, 4, 5, 6, 7))
    return _only_code(segment) or segment if may_be_code else segment


@dataclass(frozen=True, slots=True)
class Found:
    """A code, in capitals, and the word before it in a link (`queue`, `vote`...)."""

    code: str
    word: str = ""


def code_in(text: str) -> Found | None:
    """The code in text that a person typed or pasted: a code with punctuation around and in it, a link to a page of a line, poll
    or room (on any host: only the code is used), or a sentence with one of these. None for no code, or more than one.
    """
    plain = _plain(text[:_LONGEST_TEXT])
    linked = [
        Found(code.upper(), word.lower()) for word, marked in _LINKED.findall(plain) if (code := _only_code(marked))
    ]
    if linked:
        return linked[-1]  # a poll's, where a line's stands before it
    if code := _only_code(plain):
        return Found(code.upper())
    words = [word for word in _words(plain) if is_code(word)]
    shouted = {word for word in words if word == word.upper()}  # "Please take ABC234": six letters, but not meant
    codes = shouted or {word.upper() for word in words}
    return Found(codes.pop()) if len(codes) == 1 else None


def _plain(text: str) -> str:
    """The text without percent-encoding (a link may be encoded twice) and with compatibility forms of letters folded."""
    return unicodedata.normalize("NFKC", unquote(unquote(text)))


def _only_code(text: str) -> str | None:
    """The code in `text`, in its own case, ignoring punctuation, spaces and letters without case (Japanese, say)."""
    code = "".join(letter for letter in _plain(text) if _may_spell(letter))
    return code if is_code(code) else None


def _may_spell(letter: str) -> bool:
    # Letters with case are kept: dropping one could make a code of another word.
    return unicodedata.category(letter) in {"Lu", "Ll", "Lt", "Nd"}


def _words(text: str) -> Iterator[str]:
    return iter("".join(letter if _may_spell(letter) else " " for letter in text).split())


def tidy_path(path: str) -> str:
    """A page's path without punctuation around its segments, in lower case except codes and ids; not always the path of a
    page."""
    parts: list[str] = []
    for segment in canonical(path).split("/"):
        plain = _plain(segment)
        while plain and not _may_spell(plain[0]):
            plain = plain[1:]
        while plain and not _may_spell(plain[-1]):
            plain = plain[:-1]
        if not plain:
            continue
        before_codes = bool(parts) and parts[-1] in _BEFORE_CODES
        code = _only_code(plain) if before_codes else None
        parts.append(code or plain.lower())
    return "/" + "/".join(parts)


def canonical_id(text: str) -> str:
    """An id from a query or a cookie, made canonical; other text is returned as it is."""
    return _segment(text, may_be_code=False) if _ODD.search(text) else text


def with_canonical_path(scope: Scope) -> Scope:
    """The same request under its canonical path. Pages are not: browsers are redirected there by `CanonicalPaths`."""
    page = scope.get("method") in _REDIRECTED and not is_api(scope["path"])
    path = scope["path"] if page else canonical(scope["path"])
    return scope if path == scope["path"] else {**scope, "path": path, "raw_path": quote(path).encode()}


class CanonicalPaths:
    """Middleware that redirects a page's other spellings to its canonical path, because cookies are set for that; forms and APIs
    are answered in any spelling. Punctuation around a page's address counts as another spelling."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.path_info
        path = canonical(sent)
        if not is_api(path) and not is_valid_path(path):
            bare = path.rstrip("/")  # a token in a link keeps its capitals and its marks
            path = bare if is_valid_path(bare) else tidy_path(path)
        if path != sent and is_valid_path(path):  # not //other.example, which a browser would take for another site
            prefix = request.path[: len(request.path) - len(sent)]
            if request.method in _REDIRECTED and not is_api(path):
                query = f"?{query}" if (query := request.META.get("QUERY_STRING", "")) else ""
                return HttpResponseRedirect(quote(f"{prefix}{path}") + query)
            request.path_info, request.path = path, f"{prefix}{path}"
        return self.get_response(request)
