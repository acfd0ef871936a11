"""How often waits were as told: in reports, by rules, size and hour, beside the first rules; and as guests are told."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from analytics import as_told, quotes, reports
from analytics.models import Fact
from queues import commands
from queues.models import Party, Queue
from tests.analytics.conftest import Watch, keep_facts
from venues.models import Venue


def rows(line: Queue) -> dict[str, quotes.Row]:
    """By label, of the table by rules."""
    table = quotes.tables(reports.of_line(line), lambda hour: f"{hour:%H}")[0]
    return {row.label: row for row in table.rows}


def test_the_wait_until_the_call_is_compared_with_the_quote(watch: Watch, line: Queue) -> None:
    commands.join(line.code)
    second = commands.join(line.code).party  # told 2.1 to 3.9 minutes
    watch.at(3)
    commands.call(line.code, party_id=second.pk)
    watch.at(20)
    commands.serve(line.code, party_id=second.pk)
    keep_facts()
    total = reports.of_line(line).total
    assert (total.in_quote, total.median_wait_ms, total.mean_error_ms) == (1, 1_200_000, 0)
    [fact] = Fact.objects.filter(type="QUEUE_MEMBER_SERVED")
    assert (fact.waited_ms, fact.called_ms) == (1_200_000, 180_000)


def test_each_version_of_the_rules_stands_beside_what_the_first_would_have_said(
    watch: Watch, new_line: Callable[..., Queue], settings: LazySettings
) -> None:
    settings.QUOTE_MODEL = 2
    line = new_line()
    parties = [commands.join(line.code, size=2).party for _ in range(3)]
    # By the first rules 3 minutes a party: 0, 2.1 to 3.9, 4.2 to 7.8 minutes.
    facts = Fact.objects.filter(queue=line, type="QUEUE_MEMBER_JOINED").order_by("version")
    watch.at(parties[1].quote_high_ms / 60_000)
    for party in parties[:2]:
        commands.serve(line.code, party_id=party.pk)
    commands.edit_party(line.code, party_id=parties[2].pk, quote_ms=(60_000, 120_000))
    commands.serve(line.code, party_id=parties[2].pk)
    keep_facts()
    assert [(each.quote_model, each.older_low_ms, each.older_high_ms) for each in facts] == [
        (2, 0, 0), (2, 126_000, 234_000), (2, 252_000, 468_000),
    ]  # fmt: skip
    by_rules = rows(line)
    assert by_rules.keys() == {"All", "Set by a host", "Version 2"}
    assert (by_rules["Version 2"].seated, by_rules["Set by a host"].seated) == ("2", "1")
    assert by_rules["All"].older_held == "0\u00a0%"
    assert by_rules["Set by a host"].held == "0\u00a0%"
    later, wide = parties[1].quote_high_ms, parties[0]
    first_held = wide.quote_low_ms - 60_000 <= later <= wide.quote_high_ms + 60_000
    assert by_rules["Version 2"].held == ("100\u00a0%" if first_held else "50\u00a0%")


def test_parties_of_before_count_as_quoted_by_the_first_rules(watch: Watch, line: Queue) -> None:
    party = commands.join(line.code).party
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    Fact.objects.update(quote_model=None, older_low_ms=None, older_high_ms=None, called_ms=None)
    row = rows(line)["Version 1"]
    assert (row.held, row.older_held, row.error, row.older_error) == (
        "100\u00a0%",
        "100\u00a0%",
        "under 1 min",
        "under 1 min",
    )


@pytest.mark.thorough
@pytest.mark.parametrize(("held", "missed", "said"), [(47, 3, "9 of 10 waits"), (46, 3, ""), (40, 11, "7 of 10 waits")])
def test_guests_read_of_ten_waits_how_many_were_as_told(
    watch: Watch, venue: Venue, new_line: Callable[..., Queue], held: int, missed: int, said: str
) -> None:
    line = new_line()
    for number in range(held + missed):
        party = commands.join(line.code).party
        watch.at(0 if number < held else 60 * (number - held + 1))
        commands.serve(line.code, party_id=party.pk)
    keep_facts()
    watch.at(24 * 60)
    today = new_line()
    as_told._known.clear()
    page = Client().get(f"/queue/{today.code}").content.decode()
    assert ("waits here were as told" in page) == bool(said) and said in page
    ticket = Client()
    commands.join(today.code)
    place = str(Party.objects.get(queue=today).pk)
    ticket.cookies[f"place_{today.code}"] = place
    assert said in ticket.get(f"/queue/{today.code}/ticket").content.decode()
