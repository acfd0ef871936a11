"""core/codes.py: short codes."""

import pytest

from core import codes


def test_the_alphabet_is_the_contracts() -> None:
    assert codes.CODE_LETTERS == "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    assert codes.CODE_LENGTH == 6


@pytest.mark.parametrize("text", ["K7QX2M", "k7qx2m", "AAAAAA", "zzZZ99"])
def test_codes_in_any_case(text: str) -> None:
    assert codes.is_code(text)


@pytest.mark.parametrize(
    "text", ["", "K7QX2", "K7QX2MM", "K7QX2O", "K7QX2I", "K7QX20", "K7QX21", "K7QX2 ", "ßßß", "ＡAAAAA", "\0AAAAA"]
)
def test_what_is_no_code(text: str) -> None:
    assert not codes.is_code(text)
