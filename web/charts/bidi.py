"""Visual order of a line: Unicode's bidirectional algorithm (UAX #9), by python-bidi's steps.

Those steps end at the letters' levels; which glyphs a piece becomes is decided by shaping it whole, so its letters are not
turned round here.
"""

import unicodedata
from collections.abc import Iterator

from bidi import algorithm

# Explicit direction marks are dropped: labels do not need them, and python-bidi's steps do not know the isolates.
_MARKS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def without_marks(text: str) -> str:
    """The text without explicit marks of direction."""
    return text.translate(_MARKS)


def pieces(text: str, *, to_the_left: bool) -> Iterator[tuple[str, bool]]:
    """The runs of one direction as (text, whether it runs to the left), in visual order."""
    found: list[tuple[int, str]] = []
    for letter, level in zip(text, _levels(text, to_the_left=to_the_left), strict=True):
        if found and found[-1][0] == level:
            found[-1] = (level, found[-1][1] + letter)
        else:
            found.append((level, letter))
    # L2: from the highest level down to the lowest odd one, reverse each run of at least that level.
    deepest = max((level for level, _ in found), default=0)
    for level in range(deepest, 0, -1):
        start = 0
        while start < len(found):
            end = start
            while end < len(found) and found[end][0] >= level:
                end += 1
            found[start:end] = found[start:end][::-1]
            start = max(end, start + 1)
    return ((piece, level % 2 == 1) for level, piece in found)


def _levels(text: str, *, to_the_left: bool) -> list[int]:
    """The embedding level of each letter. Joiners and other BN take that of the letter before."""
    base = int(to_the_left)
    kept = [letter for letter in text if unicodedata.bidirectional(letter) not in ("BN", "")]
    steps = algorithm.get_empty_storage()
    steps["base_level"], steps["base_dir"] = base, "LR"[base]
    algorithm.get_embedding_levels("".join(kept), steps)
    algorithm.explicit_embed_and_overrides(steps)
    algorithm.resolve_weak_types(steps)
    algorithm.resolve_neutral_types(steps, False)
    algorithm.resolve_implicit_levels(steps, False)
    resolved = iter(steps["chars"])
    levels: list[int] = []
    for letter in text:
        skipped = unicodedata.bidirectional(letter) in ("BN", "")
        levels.append((levels[-1] if levels else base) if skipped else next(resolved)["level"])
    return levels
