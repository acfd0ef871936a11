"""What a Citus cluster asks of us, as far as one Postgres can show it: tests/faults/engines/test_nodes.py runs on a cluster."""

import re

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from polls import citus, commands, receipts
from polls.models import Poll
from tests.polls.database_polls import ballot, cast, made, rows_of, shown, sound, sql

pytestmark = pytest.mark.django_db

# Tables of ours, as statements name them.
TABLE = re.compile(rf"\b(?:{'|'.join(sorted({model._meta.db_table for model in apps.get_models()}))})\b")


def test_no_statement_joins_distributed_and_local_tables() -> None:
    with CaptureQueriesContext(connection) as said:
        poll = made(shards=3, may_change=True)
        one = ballot(poll, "Ann", 1)
        for each in (one, one, ballot(poll, "Ann", 2), ballot(poll, "Bob", 0)):
            cast(each)
        shown(poll)
        commands.close(poll.pk)
        poll = Poll.objects.get(pk=poll.pk)
        found = receipts.find(poll, one.ballot_id)
        assert found is not None and receipts.proof_view(poll, found) and sound(poll)
        commands.reset(poll.pk)
        commands.delete(poll.pk)
    statements = [query["sql"] for query in said.captured_queries]
    assert any("polls_ballot" in statement for statement in statements)
    for statement in statements:
        tables = set(TABLE.findall(statement))
        assert not tables & {*citus.BY_SHARD} or tables <= {*citus.BY_SHARD}, statement


def test_a_receipt_is_found_by_the_value_of_its_shard() -> None:
    """Else every shard of every node is asked."""
    poll = made(shards=3)
    one = ballot(poll, "Ann", 1)
    cast(one)
    with CaptureQueriesContext(connection) as said:
        assert receipts.find(poll, one.ballot_id) is not None
    assert [bool(re.search(r'shard"? = \d', query["sql"])) for query in said.captured_queries] == [True, True]


def test_rows_of_one_poll_are_deleted_shard_after_shard() -> None:
    """Citus refuses to do it at once where the same transaction has read them."""
    poll = made()
    with CaptureQueriesContext(connection) as said:
        commands.reset(poll.pk)
    statements = [query["sql"] for query in said.captured_queries]
    first = next(place for place, each in enumerate(statements) if each.startswith("DELETE FROM polls_ballot"))
    assert "SET LOCAL citus.multi_shard_modify_mode = 'sequential'" in statements[:first]


def test_no_foreign_key_ties_ballots_to_other_tables() -> None:
    assert citus.foreign_keys() == []


@pytest.mark.parametrize("table", citus.PARTITIONED)
def test_a_plain_table_takes_the_place_of_a_partitioned_one(table: str) -> None:
    poll = made(shards=3)
    sent = [ballot(poll, n, 1) for n in range(6)]
    for each in sent:
        cast(each)
    assert citus.flatten(table)
    assert rows_of(poll)[table] == 6 and sound(poll)
    with pytest.raises(IntegrityError), transaction.atomic():
        sql(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")  # noqa: S608
    cast(ballot(poll, "Ann", 1))
    assert cast(sent[0]).receipt and rows_of(poll)[table] == 7 and sound(poll)
    assert not citus.flatten(table)


def test_distribute_needs_a_coordinator() -> None:
    with pytest.raises(CommandError, match="no coordinator of Citus"):
        call_command("distribute")
