"""A way of texts for tests, of one function as every other: what it takes, and what it answers."""

from dataclasses import dataclass, field, replace

from reach.ways import Outgoing, Result, Sent, Way

WAY = Way(name="text", label="Text", address="number", send="tests.reach.texts.send")


@dataclass
class Texts:
    """`received`: what was asked of it, oldest first. `answers`: its next answers; then it takes everything."""

    received: list[Outgoing] = field(default_factory=list)
    answers: list[Sent | BaseException] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return [each.kind for each in self.received]


texts = Texts()


def send(outgoing: Outgoing) -> Sent:
    """Notes it, and answers."""
    texts.received.append(outgoing)
    answer = texts.answers.pop(0) if texts.answers else Sent(result=Result.SENT)
    if isinstance(answer, BaseException):
        raise answer
    return replace(answer, provider_id=str(outgoing.key))
