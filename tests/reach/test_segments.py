"""How many SMS a text is."""

import pytest

from reach import segments


@pytest.mark.parametrize(
    ("text", "alphabet", "count"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        # The sign of two septets is not cut: it stands in the second segment, whose 153 are then not enough.
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3),
        ("日" * 70, "UCS-2", 1),
        ("日" * 71, "UCS-2", 2),
        ("á" + "a" * 69, "UCS-2", 1),
        ("😀" * 35, "UCS-2", 1),
        ("a" * 66 + "😀" + "a" * 66, "UCS-2", 3),
    ],
)
def test_a_text_is_counted_as_the_network_cuts_it(text: str, alphabet: str, count: int) -> None:
    assert (segments.count(text).alphabet, segments.count(text).count) == (alphabet, count)


def test_accents_go_only_where_that_saves_a_message() -> None:
    short, long = "Sí, María: ¡ya es su turno…!", "Sí, María: ¡ya es su turno! " * 4
    assert segments.shortest(short) == short
    assert segments.shortest(long) == "Si, Maria: ¡ya es su turno! " * 4
    assert segments.count(segments.shortest(long)).count == 1
    assert segments.shortest("日本語" * 30) == "日本語" * 30
