"""Fitting texts of any script and length into a picture."""

import unicodedata
from collections.abc import Callable, Iterator
from itertools import groupby

_REGIONAL_A = 0x1F1E6


def fitted(text: str, *, room: float, lines: int, width: Callable[[str], float]) -> list[str]:
    """The text on at most `lines` lines, none wider than `room`, cut with an ellipsis. `width` measures one letter."""
    found = list(_wrapped(" ".join(text.split()), room, width))
    if len(found) > lines:
        found[lines - 1 :] = [f"{_cut(found[lines - 1], room - width('…'), width)[0]}…"]
    return found


def signed(number: int) -> str:
    """+1,234, -5, 0."""
    return f"{number:+,}" if number else "0"


def is_right_to_left(text: str) -> bool:
    """Whether its first letter with a direction runs to the left (Unicode bidi, P2)."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((each in ("R", "AL") for each in directions if each in ("L", "R", "AL")), False)


def in_words(text: str, has: Callable[[str], bool]) -> str:
    """The text, with names in place of letters that no font `has`: of symbols their Unicode name, of letters their script, once a
    word. So no empty box is drawn.
    """
    named = ((letter if has(letter) else _named(letter), has(letter)) for letter in unicodedata.normalize("NFC", text))
    parts = []
    for (word, drawn), same in groupby(named):
        parts.append(word * len(list(same)) if drawn or not word.endswith("]") or word[1].islower() else word)
    return "".join(parts)


def _named(letter: str) -> str:
    if 0 <= ord(letter) - _REGIONAL_A < 26:
        return chr(ord("A") + ord(letter) - _REGIONAL_A)  # two of them are a flag: JP
    name = unicodedata.name(letter, "")
    match unicodedata.category(letter)[0]:
        case "S" if unicodedata.category(letter) != "Sk":
            return f"[{name.lower()}]"
        case "L" | "N" | "P":
            return f"[{name.split()[0].title()}]"
        case _:
            return ""  # marks, joins, selectors, skin tones: they only say how to draw what stands before


def _wrapped(text: str, room: float, width: Callable[[str], float]) -> Iterator[str]:
    while text:
        line, text = _cut(text, room, width)
        yield line


def _cut(text: str, room: float, width: Callable[[str], float]) -> tuple[str, str]:
    """What fits, at least one letter, and the rest; broken between words unless that leaves the line nearly empty."""
    for at, letter in enumerate(text):
        # A combining mark takes no room, and must not be parted from its letter.
        room -= 0 if unicodedata.combining(letter) else width(letter)
        if room < 0 and at:
            space = text.rfind(" ", 0, at + 1)
            end = space if space > at // 3 else at
            return text[:end].rstrip(), text[end:].lstrip()
    return text, ""
