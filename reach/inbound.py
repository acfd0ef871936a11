"""A guest's text: understood, done, kept for the host, and answered in the guest's language. Each text once."""

from dataclasses import dataclass, field
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from core.errors import Invalid, NotFound, Refused
from core.visible import without_controls
from queues import commands as lines
from queues.models import Party
from queues.visits import BEST, LONGEST_WORDS
from reach import numbers
from reach.commands import heard
from reach.models import Contact
from reach.providers import Channel
from reach.text_models import Provider, Said
from reach.words import Meaning, meaning_of, rating_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A text that a provider brought, by its name there (`id`). `answered`: it answers STOP and START itself."""

    id: str
    number: str = field(repr=False)
    text: str = field(repr=False)
    channel: Channel
    answered: bool = False


def take(provider: Provider, text: Heard) -> str:
    """Does what the text asks for and returns the answer for the guest; empty where there is none, and for a text that came
    before."""
    try:
        number = numbers.heard(text.number)
    except Invalid:  # a name, a short code: no guest of a line
        return ""
    words = without_controls(text.text)
    meaning, venue = meaning_of(text.text), provider.venue_id
    party, rating = heard.party_of(venue, number), None
    if party is None or party.status not in Party.IN_LINE:
        visitor = heard.visitor_of(venue, number)
        if visitor is not None and (rating := rating_of(words)) is not None:
            party, meaning = visitor, Meaning.RATING
    said = heard.keep_heard(
        venue_id=venue, party=party, text=words, channel=text.channel, outside_id=text.id, meaning=meaning
    )
    if said is None:
        return ""
    party = said.party  # a call that comes again means the party that it meant then
    with translation.override(_language(party)):
        if meaning in (Meaning.STOP, Meaning.START):
            answer = _stop_or_start(provider, number, meaning)
            heard.done(said, "no more texts" if meaning == Meaning.STOP else "texts again")
            return "" if text.answered else answer
        if party is None:
            heard.done(said)
            return ""
        if rating is not None:
            return _rate(said, party, *rating)
        return _do(said, party, meaning)


def _language(party: Party | None) -> str:
    contact = Contact.objects.filter(party=party).first() if party else None
    return contact.language if contact else "en"


def _stop_or_start(provider: Provider, number: str, meaning: Meaning) -> str:
    words = {"venue": provider.venue.name}
    if meaning == Meaning.STOP:
        heard.stop(venue_id=provider.venue_id, number=number)
        return _("%(venue)s sends you no more texts. Your place in line stays. START brings them back.") % words
    heard.start(venue_id=provider.venue_id, number=number)
    return _("%(venue)s sends you texts again.") % words


def _rate(said: Said, party: Party, answer: int, words: str) -> str:
    """Keeps how the visit was. Words that were written on the page before stay, where there are none in the text."""
    try:
        lines.answer_visit(
            party.queue_id, party_id=party.pk, answer=answer, words=words[:LONGEST_WORDS] or party.answer_words
        )
    except Refused as refused:
        heard.done(said, f"refused: {refused.message}")
        return refused.in_words()
    heard.done(said, f"answered {answer} of {BEST}")
    return _("Thank you for telling us.")


def _do(said: Said, party: Party, meaning: Meaning) -> str:
    """The command that the guest asked for. A refusal is answered as the ticket's page says it."""
    line, party_id = party.queue_id, party.pk
    try:
        match meaning:
            case Meaning.ON_MY_WAY:
                lines.declare_nearby(line, party_id=party_id)
                answer, outcome = _("Thank you. The host knows that you are on your way."), "on the way"
            case Meaning.MORE_TIME:
                answer, outcome = _more_time(party)
            case Meaning.LEAVE:
                lines.leave(line, party_id=party_id)
                answer, outcome = _("You have left the line. Thank you for telling us."), "left the line"
            case _:
                answer, outcome = "", ""
    except NotFound:
        answer, outcome = _gone(said, party)
    except Refused as refused:
        answer, outcome = refused.in_words(), f"refused: {refused.message}"
    heard.done(said, outcome)
    return answer


def _more_time(party: Party) -> tuple[str, str]:
    party.refresh_from_db()
    if party.status == Party.Status.WAITING:
        return _("It is not your turn yet: you have time."), "not called yet"
    lines.ask_more_time(party.queue_id, party_id=party.pk)
    return _("The host knows that you need more time."), "asks for more time"


def _gone(said: Said, party: Party) -> tuple[str, str]:
    party.refresh_from_db()
    if said.meaning == Meaning.LEAVE and party.status == Party.Status.LEFT:  # done before the worker died
        return _("You have left the line. Thank you for telling us."), "left the line"
    return _("You are not in line any more. Please talk to the host."), "not in line any more"


def provider_by(provider_id: UUID) -> Provider | None:
    """The provider by its id, with its venue."""
    return Provider.objects.select_related("venue").filter(pk=provider_id).first()
