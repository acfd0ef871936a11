"""The answer to a guest's text, as far as it may go out: it is paid for as any other, also in quiet hours."""

from reach import inbound, numbers, segments
from reach.commands import spending
from reach.text_models import Provider
from reach.words import Meaning, meaning_of


def to(provider: Provider, text: inbound.Heard) -> str:
    """Takes the text in, and returns what to answer; empty for nothing."""
    answer = segments.shortest(inbound.take(provider, text))
    if not answer:
        return ""
    paid = spending.pay(
        venue_id=provider.venue_id,
        number=numbers.heard(text.number),
        channel=text.channel,
        segments=segments.count(answer).count,
        answers=True,
        despite_stop=meaning_of(text.text) == Meaning.STOP,
    )
    return answer if paid.provider is not None else ""
