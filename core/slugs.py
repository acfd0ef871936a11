"""The word that stands for a venue in its address, /v/{slug}: what it may be, and which one a name suggests. Pure."""

import re
import unicodedata
from collections.abc import Iterator

from core.codes import new_code
from core.identifiers import read_id

SHORTEST, LONGEST = 2, 60
# As it stands in a path. Its length is not part of this: a word of another length is just unknown.
SLUG = "[a-z0-9]+(?:-[a-z0-9]+)*"
_SLUG = re.compile(SLUG)
_HEX_ID = re.compile("[0-9a-f]{32}")
# Words that a person would take for Tallyline's own pages, or that stand before a code in other paths.
RESERVED = frozenset((
    "about", "account", "admin", "api", "app", "assets", "billing", "contact", "demo", "design", "find", "healthz",
    "help", "home", "host", "http", "https", "img", "lines", "login", "logout", "logo", "look", "manifest",
    "metrics", "new", "null", "offline", "owner", "poll", "polls", "privacy", "queue", "readyz", "register",
    "report", "room", "rooms", "search", "settings", "sign-in", "sign-out", "sign-up", "static", "status", "support",
    "tallyline", "terms", "test", "undefined", "venue", "venues", "vote", "wall", "www",
))  # fmt: skip
# Names that get numbers (casa-azul-2) before a random ending.
_NUMBERED = 9
# Latin letters that Unicode does not decompose.
_SPELLED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " and "}
    | dict.fromkeys("'’ʼ`´", "")
)


def problem_with(slug: str) -> str:
    """Why this cannot be a slug, as a sentence for people; empty when it can."""
    if not SHORTEST <= len(slug) <= LONGEST or not _SLUG.fullmatch(slug):
        return f"Use {SHORTEST} to {LONGEST} letters a–z, digits and single dashes, such as casa-azul."  # noqa: RUF001
    if slug in RESERVED or _HEX_ID.fullmatch(slug) or read_id(slug):
        return f"“{slug}” is reserved. Add a word, such as {slug[:20]}-bar."
    return ""


def typed(text: str) -> str:
    """The slug that a person typed or pasted: its last segment where it is an address, in lower case, without a full stop."""
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("/.")
    return plain.rpartition("/")[2].lower()


def spelled(name: str) -> str:
    """The name in letters a-z, digits and dashes; empty where it has none of them."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_SPELLED))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.findall("[a-z0-9]+", plain)
    while len(slug := "-".join(words)) > LONGEST - 3 and len(words) > 1:
        words.pop()
    return slug[: LONGEST - 3]


def proposed(name: str) -> Iterator[str]:
    """Slugs for a venue of this name, the best first; the last ones are random, so that one of them is free.

    A name without Latin letters or digits gets a made-up one (`is_made_up`).
    """
    if slug := spelled(name):
        numbered = (slug, *(f"{slug}-{number}" for number in range(2, _NUMBERED + 1)))
        yield from (each for each in numbered if not problem_with(each))
    for _ in range(_NUMBERED):
        yield f"{slug[: LONGEST - 7] or 'venue'}-{new_code().lower()}".replace("--", "-")


def is_made_up(slug: str, name: str) -> bool:
    """Whether the slug was made up because nothing of the name can be written in it."""
    return not spelled(name) and re.fullmatch("venue-[a-z0-9]{6}", slug) is not None
