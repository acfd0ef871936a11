"""Turns an ASGI HTTP scope into a WSGI environ.

Sources: PEP 3333 ("environ Variables"), RFC 3875 (CGI), and the ASGI HTTP specification ("HTTP Connection Scope").
"""

import sys
from functools import lru_cache
from typing import IO
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIEnvironment

from core.asgi_types import Scope

_ALWAYS: WSGIEnvironment = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    # The body is whole and ends by itself: reading to the end is safe without CONTENT_LENGTH.
    "wsgi.input_terminated": True,
}


def local_path(scope: Scope) -> str:
    """The path below `root_path`, decoded. Servers differ in whether `path` includes `root_path`; this does not."""
    path = scope["path"]
    root = scope.get("root_path", "").rstrip("/")
    return path[len(root) :] if root and path.startswith(root + "/") else path


def environ(scope: Scope, body: IO[bytes], length: int) -> WSGIEnvironment:
    """The environ of one request whose whole body, of `length` bytes, is in `body`.

    Nothing a proxy claims (X-Forwarded-*) is interpreted; `wsgi.file_wrapper` is not offered.
    """
    root = scope.get("root_path", "").rstrip("/")
    server = scope.get("server") or ("unknown", None)
    client = scope.get("client") or ("", 0)
    made: WSGIEnvironment = {
        **_ALWAYS,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root.encode().decode("latin-1"),
        "PATH_INFO": _path_info(scope, root),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        # Never empty (PEP 3333); a Unix socket has neither name nor port.
        "SERVER_NAME": server[0] or "unknown",
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
    }
    for name, value in scope["headers"]:
        key = _key(name)
        if not key:
            continue
        text = value.decode("latin-1")
        if key in made:
            text = made[key] + ("; " if key == "HTTP_COOKIE" else ",") + text
        made[key] = text
    # A chunked body came without a length; now that it is read, it has one.
    if length or "CONTENT_LENGTH" in made:
        made["CONTENT_LENGTH"] = str(length)
    return made


def _path_info(scope: Scope, root: str) -> str:
    """The path's bytes as latin-1 (PEP 3333, "Unicode Issues"), from `raw_path`: `path` lost those that are not UTF-8."""
    raw = scope.get("raw_path")
    decoded = scope["path"].encode() if raw is None else unquote_to_bytes(raw) if b"%" in raw else raw
    prefix = root.encode()
    if prefix and decoded.startswith(prefix + b"/"):
        decoded = decoded[len(prefix) :]
    return decoded.decode("latin-1")


@lru_cache(maxsize=512)  # bounded: clients choose the names
def _key(name: bytes) -> str:
    """The environ key of a header; "" for one that is not passed on.

    Those are: names with `_`, which could pass for the same name with `-` (nginx drops them too); `Proxy`, which would
    become HTTP_PROXY (CVE-2016-5385); `Transfer-Encoding`, no longer true of a body that was read.
    """
    if b"_" in name:
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    if key in {"PROXY", "TRANSFER_ENCODING"}:
        return ""
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
