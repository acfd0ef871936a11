"""Arguments of management commands."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """The `type` of an argument that is a number within bounds; another ends the command with a sentence."""

    def read(word: str) -> int:
        number = int(word) if re.fullmatch("-?[0-9]{1,9}", word) else None
        if number is None or not least <= number <= most:
            raise ArgumentTypeError(f"must be a whole number from {least} to {most}, not {word[:40]!r}")
        return number

    return read
