"""How many SMS a text is: GSM-7 or UCS-2, and its segments (3GPP TS 23.038 and 23.040)."""

import unicodedata
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Written as two: an escape, and the sign.
_EXTENDED = frozenset("\f^{}\\[~]|€")

# (alone, in each of several: the rest is the header that joins them)
_GSM_UNITS = (160, 153)
_UCS_UNITS = (70, 67)

# What is told by signs that every phone has as well.
_PLAINER = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "·": "-", "•": "-", "\t": " ",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segments:
    """How a text is sent: in which alphabet, how many units it has (septets, or UTF-16 code units), in how many SMS."""

    alphabet: str
    units: int
    count: int


def count(text: str) -> Segments:
    """Counts a text. A sign of two units is never cut between two segments, so a segment may end early."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        return _counted("GSM-7", [2 if letter in _EXTENDED else 1 for letter in text], _GSM_UNITS)
    return _counted("UCS-2", [2 if letter > "\uffff" else 1 for letter in text], _UCS_UNITS)


def _counted(alphabet: str, sizes: list[int], units: tuple[int, int]) -> Segments:
    alone, joined = units
    total = sum(sizes)
    if total <= alone:
        return Segments(alphabet, total, 1)
    segments, used = 1, 0
    for size in sizes:
        if used + size > joined:
            segments, used = segments + 1, 0
        used += size
    return Segments(alphabet, total, segments)


def plainer(text: str) -> str:
    """The text with signs and accents of GSM-7, where there is a plainer spelling: “Sí…” becomes "Si...". Other scripts stay."""
    return "".join(map(_plain_letter, text.translate(_PLAINER)))


def _plain_letter(letter: str) -> str:
    if letter in _BASIC or letter in _EXTENDED:
        return letter
    base = "".join(each for each in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(each))
    return base if base and all(each in _BASIC for each in base) else letter


def shortest(text: str) -> str:
    """The text as it is where that takes one SMS, else in its plainer spelling, if that takes fewer."""
    if count(text).count == 1:
        return text
    plain = plainer(text)
    return plain if count(plain).count < count(text).count else text
