"""From the number that a guest gives to the visit: by the effect `guests`, for those who give one, and for nobody else."""

import pytest

from guests.models import Guest
from outbox import work
from outbox.models import Effect
from queues import commands as queue_commands
from queues.contacts import Contact
from queues.models import Party, Queue
from reach import commands as reach_commands
from tests.guests.conftest import ANA, BEN, known

pytestmark = pytest.mark.servers


def join(line: Queue, contact: Contact | None = None) -> Party:
    return queue_commands.join(line.pk, contact=contact).party


def due() -> list[int]:
    return list(Effect.objects.filter(name="guests", status="pending").order_by("pk").values_list("pk", flat=True))


def work_off() -> None:
    """Twice, for that must not matter."""
    effects = due()
    for _ in range(2):
        work.perform(*effects)
        Effect.objects.filter(pk__in=effects[:1]).update(status="pending")


@pytest.mark.thorough
def test_a_number_given_at_the_join_is_a_visit(line: Queue) -> None:
    for contact in (Contact(number=ANA), Contact(number=ANA), Contact(number=BEN), Contact(email="eve@example.com")):
        party = join(line, contact)
    work_off()
    assert sorted(Guest.objects.values_list("number", flat=True)) == [ANA, BEN]
    assert Guest.objects.get(number=ANA).visits.count() == 2 and not hasattr(party, "guest_visit")


@pytest.mark.thorough
def test_a_number_changed_or_taken_back_later_counts(line: Queue) -> None:
    party = join(line, Contact(number=ANA))
    work_off()
    reach_commands.choose(line.pk, party_id=party.pk, contact=Contact(number=BEN))
    work_off()
    assert known(party).guest.number == BEN and Guest.objects.count() == 1
    reach_commands.choose(line.pk, party_id=party.pk, contact=Contact())
    work_off()
    assert not Guest.objects.exists()


def test_who_gives_no_number_costs_no_row(line: Queue) -> None:
    join(line)
    accountless = queue_commands.open_line(queue_commands.NewLine(event_name="Bar", max_guests=10))
    join(accountless, Contact(number=ANA))
    assert due() == []
