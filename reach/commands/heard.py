"""What guests write by SMS or WhatsApp, and hosts to them: kept once each, shown in the line, and STOP and START."""

from datetime import timedelta
from uuid import UUID

from django.db.models import F, QuerySet

from core import clock
from core.actors import GUEST
from core.change import durable
from core.errors import NotFound
from core.hashing import keyed
from queues.change import locked_line
from queues.models import Party
from reach.models import Contact, Message
from reach.proofs import number_hash
from reach.providers import Channel
from reach.text_models import LONGEST_SAID, Said, Stopped
from reach.words import Meaning

KEPT_FOR = timedelta(days=30)
# So long after its place has ended, a text is still about that place.
AFTERWARDS = timedelta(hours=12)


def party_of(venue_id: UUID, number: str) -> Party | None:
    """The party that this number writes for. In line: the one that was called last, else the one that joined last. In no line:
    the one whose place ended last, within AFTERWARDS."""
    theirs = _parties_of(venue_id, number)
    there = theirs.filter(status__in=Party.IN_LINE)
    found = there.order_by(F("called_at").desc(nulls_last=True), "-joined_at", "-pk").first()
    if found is not None:
        return found
    return theirs.filter(ended_at__gt=clock.NOW - AFTERWARDS).order_by("-ended_at", "-pk").first()


def visitor_of(venue_id: UUID, number: str) -> Party | None:
    """The party whom this number of the venue may still answer for how its visit was; the one that was asked last."""
    asked = _parties_of(venue_id, number).filter(status=Party.Status.SERVED, asked_at__isnull=False)
    newest = asked.order_by("-asked_at", "-pk").first()
    return newest if newest is not None and newest.may_answer(clock.now()) else None


def _parties_of(venue_id: UUID, number: str) -> QuerySet[Party]:
    """The venue's parties for which this number may write: not those that have to prove it yet, for it may be a stranger's."""
    numbers = {"contact__number": number, "contact__needs_proof": False}
    return Party.objects.select_related("queue").filter(queue__venue=venue_id, **numbers)


def keep_heard(
    *, venue_id: UUID, party: Party | None, text: str, channel: Channel, outside_id: str, meaning: str
) -> Said | None:
    """Keeps a guest's text, and shows in the line that there is one; once for each `outside_id`. None for one that is known and
    done; one that was kept and not done (the worker died) is returned again."""
    if party is None:
        with durable():
            said, new = _keep(venue_id, None, "", channel, outside_id, meaning)
            return said if new or said.done_at is None else None
    with locked_line(party.queue_id, actor=GUEST, action="write") as change:
        row = change.queue.parties.get(pk=party.pk)
        known = row.erased_at is None and change.queue.forgotten_at is None  # since it was found
        said, new = _keep(venue_id, row if known else None, text if known else "", channel, outside_id, meaning)
        if not (new and known):
            return said if said.done_at is None else None
        change.set_party(row, wrote_at=change.at)
        change.emit("QUEUE_MEMBER_WROTE", row)
        return said


def _keep(
    venue_id: UUID, party: Party | None, text: str, channel: Channel, outside_id: str, meaning: str
) -> tuple[Said, bool]:
    return Said.objects.get_or_create(
        venue_id=venue_id,
        outside_id=keyed("reach.heard", outside_id).hex(),
        defaults={
            "party": party,
            "by": Said.By.GUEST,
            "channel": channel,
            "text": text if len(text) <= LONGEST_SAID else f"{text[: LONGEST_SAID - 1]}…",
            "at": clock.now(),
            "meaning": meaning,
        },
    )


def done(said: Said, outcome: str = "") -> None:
    """Notes that what a text asked for was done, or refused, and why."""
    Said.objects.filter(pk=said.pk, done_at=None).update(done_at=clock.NOW, outcome=outcome[:80])


@durable()
def keep_hosts(message: UUID, *, venue_id: UUID, text: str, channel: Channel) -> None:
    """Keeps what a host wrote to a party (`message`: its id), once; nothing of one who was erased while it went out.

    It locks the party's row, not the line: a wait for the line that fails would make a worker send the text again.
    """
    party_id = Message.objects.filter(pk=message).values_list("party_id", flat=True).first()
    rows = Party.objects.select_for_update(no_key=True, of=("self",))
    known = rows.filter(pk=party_id, erased_at=None, queue__forgotten_at=None).first() if party_id else None
    said = Said(
        venue_id=venue_id,
        party_id=party_id,
        by=Said.By.HOST,
        channel=channel,
        text=text,
        at=clock.now(),
        message=message,
    )
    if known is not None:
        Said.objects.bulk_create([said], ignore_conflicts=True)


def stop(*, venue_id: UUID, number: str) -> None:
    """The number gets no more texts of the venue, from now on and until it says START. Hosts see it in their lines."""
    with durable():
        row = Stopped(venue_id=venue_id, number_hash=number_hash(venue_id, number), at=clock.now())
        Stopped.objects.bulk_create([row], ignore_conflicts=True)
    show_stop(venue_id=venue_id, number=number, stopped=True)


def start(*, venue_id: UUID, number: str) -> None:
    """The number gets texts again."""
    with durable():
        Stopped.objects.filter(venue=venue_id, number_hash=number_hash(venue_id, number)).delete()
    show_stop(venue_id=venue_id, number=number, stopped=False)


def show_stop(*, venue_id: UUID, number: str, stopped: bool) -> None:
    """Shows in each line of the venue that this number is in whether it takes texts; nothing where that is shown already."""
    there = Contact.objects.filter(number=number, party__queue__venue=venue_id, party__status__in=Party.IN_LINE)
    there = there.exclude(party__texts_stopped=stopped)
    for queue_id, party_id in there.values_list("party__queue_id", "party_id"):
        try:
            with locked_line(queue_id, actor=GUEST, action="stop_texts" if stopped else "start_texts") as change:
                party = change.party(party_id)
                if party.texts_stopped != stopped:
                    change.set_party(party, texts_stopped=stopped)
                    change.emit("QUEUE_MEMBER_STOPPED_TEXTS" if stopped else "QUEUE_MEMBER_STARTED_TEXTS", party)
        except NotFound:
            continue  # it has left since


def forget_old() -> int:
    """Deletes texts of numbers in no line, which told only that they came; returns how many. That STOP and START were heard is
    kept as STOP itself is: a provider's call has no time, and an old START must not bring texts back."""
    old = Said.objects.filter(party=None, at__lt=clock.now() - KEPT_FOR)
    return old.exclude(meaning__in=[Meaning.STOP, Meaning.START]).delete()[0]
