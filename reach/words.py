"""What a guest's reply means, in English, Spanish and Japanese. Pure."""

import re
import unicodedata
from enum import StrEnum


class Meaning(StrEnum):
    """What a reply asks for; RATING: nothing, it answers how a visit was; NONE: it is for the host to read."""

    STOP = "stop"
    START = "start"
    ON_MY_WAY = "on my way"
    MORE_TIME = "more time"
    LEAVE = "leave"
    RATING = "rating"
    NONE = ""


# Whole replies, without case, accents, punctuation and spaces. Those of STOP and START are the carriers' (CTIA), and their like.
_REPLIES: dict[Meaning, str] = {
    Meaning.STOP: "stop stopall unsubscribe end quit cancel optout revoke alto parar basta baja detener "
    "停止 中止 配信停止 ストップ",
    Meaning.START: "start unstop subscribe optin yes empezar alta iniciar reanudar 開始 再開 配信開始 スタート",
    Meaning.ON_MY_WAY: "1 one uno onmyway imonmyway omw coming voy yavoy encamino voydecamino estoyencamino "
    "向かう 向かいます 向かっています 行きます",
    Meaning.MORE_TIME: "2 two dos moretime ineedmoretime mastiempo necesitomastiempo 延長 もう少し もっと時間",
    Meaning.LEAVE: "9 nine nueve leave leavetheline salir mevoy dejarlafila やめる やめます キャンセル",
}
# What is said around a reply and changes nothing.
_POLITE = (
    "please",
    "porfavor",
    "thanks",
    "thankyou",
    "gracias",
    "してください",
    "ください",
    "お願いします",
    "ありがとう",
)
_RATING = re.compile(r"([1-5])(?:/5)?(?![\d/])[\s.,:;!、。-]*(.*)", re.DOTALL)
_MEANS = {reply: meaning for meaning, replies in _REPLIES.items() for reply in replies.split()}


def meaning_of(text: str) -> Meaning:
    """What the whole text asks for, politely or not; a sentence around a word is for the host."""
    plain = _plain(text)
    for polite in _POLITE:
        plain = plain.removeprefix(polite).removesuffix(polite) or plain
    return _MEANS.get(plain, Meaning.NONE)


def rating_of(text: str) -> tuple[int, str] | None:
    """How a visit was, 1 to 5, and the words behind it; None for a text that does not begin with such a number."""
    found = _RATING.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return (int(found[1]), found[2].strip()) if found else None


def _plain(text: str) -> str:
    """Digits of any script as 0 to 9, no accents (the marks of kana stay), letters and digits alone."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(map(_without_accents, wide))
    return "".join(_digit(letter) for letter in bare if letter.isalnum() or letter == "ー")


def _digit(letter: str) -> str:
    return str(unicodedata.digit(letter)) if letter.isdecimal() else letter


def _without_accents(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0] if letter < "\u0250" else letter
