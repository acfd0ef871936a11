"""One question to a party after its visit: when it is due, and what its guest answered (decision 0085)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q

from queues import seated
from venues.models import Venue

BEST = 5
LONGEST_WORDS = 200
# How long an answer may be given after the question, and changed after it was given.
ANSWERED_WITHIN, CHANGED_WITHIN = timedelta(days=7), timedelta(days=1)
# A question that could not be asked for so long is not asked any more.
ASKED_WITHIN = timedelta(hours=2)
INDEXES = [
    *seated.INDEXES,
    models.Index(fields=["ask_at"], name="party_to_ask", condition=Q(ask_at__isnull=False, asked_at__isnull=True)),
]


class Visited(models.Model):
    """The fields of a party about the question after its visit."""

    ask_at = models.DateTimeField(null=True, blank=True, help_text="When its guest is asked how the visit was.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When its guest was asked, once.")
    answer = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 (bad) to 5 (very good).")
    answer_words = models.CharField(
        max_length=LONGEST_WORDS, blank=True, default="", db_default="", help_text="What its guest wrote with it."
    )
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When its guest first answered.")

    class Meta:
        abstract = True

    def may_answer(self, now: datetime) -> bool:
        """Whether its guest may answer now, or change the answer."""
        if self.answered_at is not None:
            return now < self.answered_at + CHANGED_WITHIN
        return self.asked_at is not None and now < self.asked_at + ANSWERED_WITHIN


def ask_at(venue_id: UUID | None, *, seated_at: datetime, reachable: bool) -> datetime | None:
    """When a party that was seated is asked. None where its venue does not ask, or no message reaches the party (`reachable`): it
    has the ticket on no phone and gave no number or address."""
    if venue_id is None or not reachable:
        return None
    minutes = Venue.objects.values_list("ask_after_min", flat=True).get(pk=venue_id)
    return seated_at + timedelta(minutes=minutes) if minutes else None
