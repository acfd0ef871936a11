"""What guests are told when a command refuses them. Programs read it in English, those of contract voting-session.md in the
language they ask for; pages translate it, by this list."""

import re

from django.utils import translation
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

# As they stand where they are raised; {n} is whatever number stands there. tests/config/test_translations.py compares.
SENTENCES = (
    _("This line is closed."),
    _("This line is full."),
    _("This line is not taking new guests at the moment."),
    _("This party is not in line."),
    _("Nobody is behind you in the line."),
    _("You were given more time already. Please talk to the host."),
    _("This line is very busy. Please try again."),
    _("Somebody else is changing this line."),
    _("Too many requests. Please wait a little."),
    _("Others are at it just now. Please try again."),
    _("There is no such poll."),
    _("This poll is not open yet."),
    _("This poll is closed."),
    _("You have voted already."),
    _("This vote belongs to an earlier round. The host has started the poll again since."),
    _("This ballot id was used for another vote."),
    _("This browser keeps no cookies, and a vote needs one. Allow cookies for this site, or use another browser."),
    _("This party is not in the line."),
    _("Only guests of the line can vote here."),
    _("This poll asks for a code."),
    _("This code is not known."),
    _("There is no such choice."),
    _("Pick at least one choice."),
    _("Pick one choice only."),
    _("Pick at most {n}."),
    _("Pick at least {n}."),
    _("A choice was picked twice."),
    _("There is no such session."),
    _("This session is closed."),
    _("Your vote is counted."),
)


def in_words(sentence: str) -> str:
    """A refusal in the reader's language; one that is not in the list stays as it is."""
    if sentence in SENTENCES:
        return gettext(sentence)
    number = re.search(r"\d+", sentence)
    if number and (pattern := sentence.replace(number[0], "{n}", 1)) in SENTENCES:
        return gettext(pattern).format(n=number[0])
    field, _colon, rest = sentence.partition(": ")
    if rest and (said := in_words(rest)) != rest:
        return f"{field}: {said}"
    return sentence


def in_language(language: str, sentence: str) -> str:
    """The same in a language that is not the active one: for answers of the event loop."""
    with translation.override(language):
        return in_words(sentence)


def by_sentence() -> dict[str, str]:
    """The same for a page's script, which asks the API; empty where the API's own language is the reader's."""
    if get_language() == "en":
        return {}
    return {sentence: gettext(sentence) for sentence in SENTENCES}
