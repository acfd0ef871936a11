"""A line of the past, quoted again: under its own version it is told what it was told; scores are computed by hand."""

from contextlib import suppress
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from core.errors import Refused
from outbox.models import Event
from queues import commands, reconcile
from queues.models import Party
from queues.retold import retold, score
from tests.installation import FULL
from tests.queues.test_one_wait import Evening
from venues.models import User

pytestmark = pytest.mark.django_db

MIN = 60_000


def played(monkeypatch: pytest.MonkeyPatch, seed: int, steps: int = 90, *, tables: bool = False) -> Evening:
    """An evening at random, with undone actions."""
    evening = Evening(monkeypatch, seed, tables=tables)
    for _ in range(steps):
        evening.wait(0, 0.5, 2, 5, 12)
        with suppress(Refused):
            if evening.chance.random() < 0.1:
                commands.undo(evening.line.pk)
            else:
                evening.moves()
    return evening


def events(evening: Evening) -> list[Event]:
    return list(Event.objects.filter(stream_id=evening.line.pk).order_by("version", "seq"))


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(4 if FULL else 2))
@pytest.mark.parametrize(("model", "tables"), [(1, False), (2, True), (3, False), (3, True)])
def test_under_its_own_version_a_line_is_told_what_it_was_told(
    model: int, tables: bool, seed: int, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUOTE_MODEL = model
    evening = played(monkeypatch, seed, tables=tables)
    again = retold(events(evening))
    parties = list(Party.objects.filter(queue=evening.line).order_by("ticket"))
    assert [each.ticket for each in again] == [party.ticket for party in parties]
    assert [each.range for each in again] == [each.told for each in again]
    assert [each.quote.told.as_json() for each in again] == [party.told for party in parties]
    other = retold(events(evening), model=2 if model == 1 else 1)
    assert [each.told for each in other] == [each.told for each in again]
    assert [each.range for each in other] != [each.range for each in again]
    assert [each.waited_ms for each in other] == [each.waited_ms for each in again]
    known = [len(each.quote.inputs) for each in again]
    assert (max(known) == 10) == (model == 3 and tables), "eight figures, two places, where tables are known"
    assert not list(reconcile.replayed(evening.line.pk))


def test_a_score_is_the_share_that_held_the_error_and_the_width_with_misses() -> None:
    told = [((10 * MIN, 20 * MIN), 15 * MIN), ((10 * MIN, 20 * MIN), 26 * MIN), ((0, 5 * MIN), None)]
    found = score(told)
    assert found is not None and (found.parties, found.held, found.error_min) == (2, 0.5, 5.5)
    assert round(found.winkler_min, 6) == 40, "the mean of 10 and of 10 + 10 times 6 minutes"
    assert score([((0, 5 * MIN), None)]) is None


@pytest.mark.thorough
def test_the_command_prints_both_versions_by_size_and_hour(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUOTE_MODEL = 1
    evening = played(monkeypatch, 1)
    out = StringIO()
    call_command("quotes", replay=evening.line.code, model=2, stdout=out)
    lines = out.getvalue().splitlines()
    assert "told by version 1" in lines[0] and "by version 2" in lines[1]
    assert lines[2].startswith("All") and lines[2].count("%") == 2
    assert any(line.startswith("Guests 2") for line in lines) and any(line.startswith("Joined 18:00") for line in lines)
    with pytest.raises(CommandError, match="no line NONE22"):
        call_command("quotes", replay="NONE22")


@pytest.mark.thorough
def test_staff_see_ranges_and_waits_of_a_line_and_of_another_version(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUOTE_MODEL = 1
    evening = played(monkeypatch, 2)
    address = f"/admin/queues/queue/{evening.line.pk}/quotes/"
    staff = Client()
    assert staff.get(address).status_code == 302
    staff.force_login(User.objects.create_superuser("staff@example.com", "long enough"))
    page = staff.get(address, {"model": "2"}).content.decode()
    called = Party.objects.filter(queue=evening.line, call_count__gt=0)
    assert page.count("<circle") >= 2 * called.filter(status="served").count() > 0
    assert "By version 2" in page and "By party size" in page
    for wrong in ("", "99", "x", "-1", "1" * 400):
        assert "By version 1" in staff.get(address, {"model": wrong}).content.decode()
    assert staff.get(f"/admin/queues/queue/{evening.venue.pk}/quotes/").status_code == 404
    assert address in staff.get(f"/admin/queues/queue/{evening.line.pk}/change/").content.decode()
