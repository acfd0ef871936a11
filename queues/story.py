"""A line's events as sentences a person reads: who did what, when (law 10). Pure: plain values in, plain values out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from outbox.log import Sentence
from outbox.models import Event
from queues.sentences import SENTENCES, Scene


@dataclass(frozen=True, slots=True)
class Milestones:
    """Sentences of milestones that follow each other, to be shown as one line that can be unfolded."""

    sentences: tuple[Sentence, ...]

    @property
    def at(self) -> datetime:
        """When the first of them happened."""
        return self.sentences[0].at

    @property
    def summary(self) -> str:
        """What the folded line says."""
        parties = len({sentence.party_id for sentence in self.sentences})
        return "A party moved up" if parties == 1 else f"{parties} parties moved up"

    @property
    def text(self) -> str:
        """What is told where nothing can be folded."""
        return self.sentences[0].text if len(self.sentences) == 1 else self.summary


def tell(
    events: Iterable[Event],
    *,
    zone: tzinfo,
    tickets: Mapping[str, int],
    time_scale: int = 1,
    when: Callable[[datetime], datetime] = lambda at: at,
) -> list[Sentence]:
    """The events, in the order given, as sentences. `tickets` has the number of each party by its id as text.

    Of a replay, `time_scale` times faster than real, `when` says when it was by the line's own clock; its deadlines are not told:
    they are not meant.
    """
    shown = list(events)
    times = {event.version: when(event.at) for event in shown if event.stream == "queue"}
    return [
        Sentence(
            event_id=event.pk,
            at=when(event.at).astimezone(zone),
            text=_sentence(Scene(event, zone, tickets, times, time_scale)),
            party_id=event.party_id,
        )
        for event in shown
    ]


def fold(sentences: Iterable[Sentence], milestones: Collection[int]) -> list[Sentence | Milestones]:
    """The sentences, with each run of those about milestones (event ids) folded into one: no person did anything, and each call
    may cause two of them. The log keeps them all."""
    folded: list[Sentence | Milestones] = []
    for is_milestone, group in groupby(sentences, key=lambda sentence: sentence.event_id in milestones):
        run = tuple(group)
        folded += [Milestones(run)] if is_milestone else run
    return folded


def _sentence(scene: Scene) -> str:
    sentence = SENTENCES.get(scene.event.type)
    if sentence is None:
        return f"{scene.event.type} ({scene.event.action})"
    text = sentence(scene) + scene.pressed
    # A guest's own spelling of their name is not ours to correct.
    return text if scene.event.type == "QUEUE_MEMBER_JOINED" else text[:1].upper() + text[1:]
