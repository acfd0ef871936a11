"""What a guest's reply means, in English, Spanish and Japanese. Pure."""

import unicodedata
from enum import StrEnum


class Meaning(StrEnum):
    """What a reply asks for; NONE: it is for the host to read."""

    STOP = "stop"
    START = "start"
    ON_MY_WAY = "on my way"
    MORE_TIME = "more time"
    LEAVE = "leave"
    NONE = ""


# Whole replies, without case, accents, punctuation and spaces. Those of STOP and START are the carriers' (CTIA), and their like.
_REPLIES: dict[Meaning, str] = {
    Meaning.STOP: "stop stopall unsubscribe end quit cancel optout revoke alto parar basta baja detener "
    "停止 中止 配信停止 ストップ",
    Meaning.START: "start unstop subscribe optin yes empezar alta iniciar reanudar 開始 再開 配信開始 スタート",
    Meaning.ON_MY_WAY: "1 onmyway imonmyway omw coming voy yavoy encamino voydecamino estoyencamino "
    "向かう 向かいます 向かっています 行きます",
    Meaning.MORE_TIME: "2 moretime ineedmoretime mastiempo necesitomastiempo 延長 もう少し もっと時間",
    Meaning.LEAVE: "9 leave leavetheline salir mevoy dejarlafila やめる やめます キャンセル",
}
_MEANS = {reply: meaning for meaning, replies in _REPLIES.items() for reply in replies.split()}


def meaning_of(text: str) -> Meaning:
    """What the whole text asks for; a sentence around a word is for the host."""
    return _MEANS.get(_plain(text), Meaning.NONE)


def _plain(text: str) -> str:
    """Full-width digits as digits, no accents (the marks of kana stay), letters and digits alone."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(map(_without_accents, wide))
    return "".join(letter for letter in bare if letter.isalnum() or letter == "ー")


def _without_accents(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0] if letter < "\u0250" else letter
