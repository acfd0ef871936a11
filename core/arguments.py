"""Arguments of management commands."""

from argparse import ArgumentTypeError
from collections.abc import Callable

from core import numbers


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """The `type` of an argument that is a number within bounds; another ends the command with a sentence."""

    def read(word: str) -> int:
        try:
            return numbers.whole_number(word, least=least, most=most)
        except ValueError as problem:
            raise ArgumentTypeError(str(problem)) from None

    return read
