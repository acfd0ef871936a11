"""Which texts are visible, and which look the same: for names, titles, choices and messages.

Sources: Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt, Unicode 16) and its decompositions (UAX #15);
emoji sequences as in UTS #51.
"""

import re
import unicodedata

from core.errors import Invalid

UNSEEN = "must have letters that can be seen."

# Default_Ignorable_Code_Point; letters that are blank by their shape alone (braille, a musical head, the Khitan filler);
# controls; noncharacters.
_NOT_DRAWN = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164),
    (0xFDD0, 0xFDEF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFC), (0xFFFE, 0xFFFF),
    (0x16FE4, 0x16FE4), (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0x10000, 0x110000, 0x10000)),
)  # fmt: skip
_INVISIBLE = "".join(
    f"\\U{first:08x}" if first == last else f"\\U{first:08x}-\\U{last:08x}" for first, last in _NOT_DRAWN
)
_INVISIBLES = re.compile(f"[{_INVISIBLE}\\s]")
# Letters that mean something beside others: joiners, marks of direction, selectors and tags. At an end they may belong to
# an emoji or to a name from right to left.
_MEANING = "\\u061c\\u200c-\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufe00-\\ufe0f\\U000e0000-\\U000e0fff"
_EDGE = f"(?:\\s|(?![{_MEANING}])[{_INVISIBLE}])+"
_EDGES = re.compile(f"^{_EDGE}|{_EDGE}$")
# What makes two emoji different though it is not drawn: a joiner between two of them, the tags of a flag. Kept as it is.
_EMOJI = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_TELLS_EMOJI_APART = re.compile(
    f"(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])|(?<=\U0001f3f4)[\U000e0020-\U000e007e]+\U000e007f"
)
# Decompositions between letters that look alike: widths, ligatures, the forms of Arabic letters, kinds of space.
_ALIKE = ("<wide>", "<narrow>", "<compat>", "<noBreak>", "<initial>", "<medial>", "<final>", "<isolated>", "<vertical>")


def trimmed(text: str) -> str:
    """The text without white space and invisible letters around it; what an emoji or a direction needs stays."""
    return _EDGES.sub("", text)


def without_controls(text: str) -> str:
    """The text with a space for each control character, which no column and no page can hold; line ends stay. For texts that
    arrived from elsewhere: their writers cannot be asked to correct them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n" else letter for letter in lines
    )


def is_visible(text: str) -> bool:
    """Whether the text has a visible character: not only invisible ones, white space and combining marks."""
    return any(not unicodedata.category(letter).startswith("M") for letter in _INVISIBLES.sub("", text))


def looks(text: str) -> str:
    """A key that is equal for texts that look the same: without white space and invisible letters, one spelling of each
    letter. Upper and lower case look different, so do 2 and ², and two families of emoji.
    """
    plain = unicodedata.normalize("NFC", "".join(map(_alike, unicodedata.normalize("NFC", text.translate(_SELECTORS)))))
    kept, at = [], 0
    for found in _TELLS_EMOJI_APART.finditer(plain):
        kept += [_INVISIBLES.sub("", plain[at : found.start()]), found[0]]
        at = found.end()
    return unicodedata.normalize("NFC", "".join([*kept, _INVISIBLES.sub("", plain[at:])]))


def shown(text: str, field: str, *, required: bool = False) -> str:
    """The trimmed text of a field. Raises Invalid, naming it, when nothing of what was written can be seen, or when
    `required` and nothing was written.
    """
    if (required or text.strip()) and not is_visible(text):
        raise Invalid(f"{field}: {UNSEEN}", field=field)
    return trimmed(text)


# Variation selectors choose between two pictures of one sign.
_SELECTORS = dict.fromkeys(range(0xFE00, 0xFE10))


def _alike(letter: str) -> str:
    kind, _, codes = unicodedata.decomposition(letter).partition(" ")
    return "".join(_alike(chr(int(code, 16))) for code in codes.split()) if kind in _ALIKE else letter


def checked_text(text: str) -> str:
    """The trimmed text. Raises ValueError with a sentence for control characters but tabs and line ends, and for a text of which
    nothing can be seen; an empty one is the caller's to judge.
    """
    if text.isascii() and text.isprintable():  # nearly all: tokens, codes, ids
        return text.strip()
    if any(letter < " " and letter not in "\n\t" or letter == "\x7f" for letter in text):
        raise ValueError("must not contain control characters.")
    if text.strip() and not is_visible(text):
        raise ValueError(UNSEEN)
    return trimmed(text)


# Patterns of schemas, for programs in any language: texts without control characters, and those of which something can be seen.
# Simpler than the rules above, and never wider.
_CONTROL_RANGES = r"\u0000-\u0008\u000b-\u001f\u007f"
_UNSEEN_RANGES = (
    r"\s\u0080-\u009f\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061c\u064b-\u065f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u2800\u302a-\u302f\u3099\u309a\u3164"
    r"\ufdd0-\ufdef\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\ufff0-\uffff"
)
ANY_TEXT = f"^[^{_CONTROL_RANGES}]*$"
SEEN_TEXT = f"^[^{_CONTROL_RANGES}]*[^{_CONTROL_RANGES}{_UNSEEN_RANGES}][^{_CONTROL_RANGES}]*$"
