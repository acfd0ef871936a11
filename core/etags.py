"""Entity tags: If-None-Match as proxies hand it on (RFC 9110, 13.1.2)."""

import re

# The suffix that a compressing proxy adds to a tag: Apache and Caddy `-gzip`, Jetty `--gzip`, others `;gzip`; Apache before 2.4
# puts it after the quotes. A second proxy may add its own.
_MARK = r"(?:--?|[;:])(?:x-)?(?:gzip|gz|br|brotli|deflate|zstd|compress)"
_REST = re.compile(rf'(?:{_MARK}){{0,3}}"(?:{_MARK})?')


def knows(known: str, etag: str) -> bool:
    """Whether the value of If-None-Match names `etag` (strong, in quotes), also as a proxy marks what it compressed: weak
    (`W/`, nginx and most CDNs) or with the name of the coding. It still means the same state."""
    if known.strip() == "*":
        return True
    start = etag[:-1]
    for sent in known.split(","):
        tag = sent.strip().removeprefix("W/")
        if tag.startswith(start) and _REST.fullmatch(tag, len(start)):
            return True
    return False
