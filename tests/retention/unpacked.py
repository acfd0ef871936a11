"""What bytes may hold besides what they say: compressed, in base64, in hexadecimal digits, in a mail's letters. Searched as
well, so that no canary hides in a session, a task of Celery, a kept mail or a column of bytes."""

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterator

# Deep enough for a compressed session in base64 in a text of a row.
DEPTH = 4
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}(?:\r?\n[A-Za-z0-9+/]+)*={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_ESCAPED = re.compile(rb"\\u[0-9a-fA-F]{4}")
_SOFT_BREAK = re.compile(rb"=\r?\n")


def unpacked(data: bytes, depth: int = DEPTH) -> Iterator[bytes]:
    """The bytes, and all that they may stand for."""
    yield data
    if depth:
        for inner in _inner(data):
            yield from unpacked(inner, depth - 1)


def found_in(data: bytes, values: list[bytes]) -> set[bytes]:
    """Those of the values (in small letters) that the bytes hold, in whatever way."""
    found: set[bytes] = set()
    for each in unpacked(data):
        small = each.lower()
        found |= {value for value in values if value in small}
    return found


def _inner(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"\x1f\x8b":
        yield from _tried(gzip.decompress, data)
    if data[:1] == b"x":
        yield from _tried(zlib.decompress, data)
    for run in _BASE64.findall(data):
        plain = b"".join(run.split()).rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        yield from _tried(base64.b64decode, plain[: len(plain) - (len(plain) % 4 == 1)] + b"=" * (-len(plain) % 4))
    for run in _HEX.findall(data):
        yield from _tried(bytes.fromhex, run.decode())
    if _ESCAPED.search(data):
        yield _ESCAPED.sub(lambda code: chr(int(code[0][2:], 16)).encode("utf-8", "surrogatepass"), data)
    if _SOFT_BREAK.search(data):
        yield binascii.a2b_qp(data)


def _tried(decode: object, data: object) -> Iterator[bytes]:
    try:
        yield decode(data)  # type: ignore[operator]
    except (ValueError, OSError, EOFError, zlib.error):
        return
