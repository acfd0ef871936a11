"""Mails to a venue's owners: one to each for a reason."""

import pytest
from django.db import transaction

from mail.models import Mail
from tests.venues.people_of_venue import venue_with_people
from venues import commands
from venues.models import Membership
from venues.owners import mail_owners

pytestmark = pytest.mark.django_db(transaction=True)


def test_owners_whose_addresses_begin_alike_each_get_their_mail_once() -> None:
    """Addresses have up to 254 letters, and what keeps mails apart has fewer."""
    venue = venue_with_people()
    domain = ".".join(["casa-azul-de-la-costa-del-sol"] * 6)
    alike = {f"owner@{domain}.{end}" for end in ("es", "example")}
    for email in alike:
        commands.create_host(email=email, venue=venue, password="correct horse", role=Membership.Role.OWNER)
    reason = f"texts-cost:{venue.pk}:2026-11-30"
    for _ in range(2):
        with transaction.atomic():
            mail_owners(venue, kind="texts_cost", reason=reason, origin="https://line.example", about=venue.pk)
    posted = list(Mail.objects.filter(kind="texts_cost").values_list("to", flat=True))
    assert sorted(posted) == sorted({*alike, "owner@example.com"})
