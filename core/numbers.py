"""Whole numbers that people write: in the environment and on the command line."""

import re


def whole_number(word: str, *, least: int, most: int) -> int:
    """The number. Raises ValueError for another text and beyond the bounds; its sentence begins after the name of the number."""
    # Not int() alone, which also reads 1_0 and digits of other scripts; of thousands of digits it raises another error.
    number = int(word) if re.fullmatch("-?[0-9]{1,18}", word) else None
    if number is None or not least <= number <= most:
        raise ValueError(f"must be a whole number from {least} to {most}, not {word[:40]!r}")
    return number
