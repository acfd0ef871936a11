"""The tables of ballots on a Citus cluster (decision 0069): distributed by shard, the rest of the program on the coordinator."""

from collections.abc import Iterator

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from core.errors import Conflict

# Hash-partitioned on one Postgres; shards of Citus take the place of partitions.
PARTITIONED = ("polls_ballot", "polls_claim")
# Distributed by `shard`, each row on one node together with all others of its shard.
BY_SHARD = (
    *PARTITIONED, "polls_tally", "polls_seal", "polls_pollonnode", "polls_nodeseal", "polls_subtree",
)  # fmt: skip


def has_citus(node: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether this database has the extension."""
    return bool(_one(node, "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"))


def is_worker(node: str) -> bool:
    """Whether this database is a worker of Citus: its tables come from the coordinator."""
    return has_citus(node) and _one(node, "SELECT groupid FROM pg_dist_local_group") != 0


def distribute(*, shard_count: int) -> Iterator[str]:
    """Distributes what is not distributed yet, each table in a transaction of its own, and says what it did.

    Raises Conflict where this database is no coordinator of Citus, or a foreign key ties one of the tables to others.
    """
    if not has_citus() or is_worker(DEFAULT_DB_ALIAS):
        raise Conflict(
            "DATABASE_URL is no coordinator of Citus: CREATE EXTENSION citus, then citus_add_node for each worker."
        )
    if not _one(DEFAULT_DB_ALIAS, "SELECT count(*) FROM pg_dist_node WHERE groupid = 0"):
        raise Conflict(
            "The coordinator is no node of its cluster yet: SELECT citus_set_coordinator_host('its address')."
        )
    if ties := foreign_keys():
        raise Conflict(f"These foreign keys would drag other tables along: {', '.join(ties)}.")
    for table in BY_SHARD:
        if _one(DEFAULT_DB_ALIAS, "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = %s::regclass", table):
            yield f"{table}: is distributed already"
            continue
        with transaction.atomic(durable=True):
            flattened = flatten(table)
            beside = "shard_count => %s" if table == BY_SHARD[0] else "colocate_with => %s"
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute(
                    f"SELECT create_distributed_table(%s, 'shard', {beside})",
                    [table, shard_count if table == BY_SHARD[0] else BY_SHARD[0]],
                )
        yield f"{table}: distributed by shard{', without its partitions' if flattened else ''}"


def foreign_keys() -> list[str]:
    """The foreign keys from or to these tables, by name. There must be none."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f'"
            " AND (conrelid = ANY(%(tables)s::regclass[]) OR confrelid = ANY(%(tables)s::regclass[])) ORDER BY 1",
            {"tables": list(BY_SHARD)},
        )
        return [name for (name,) in cursor.fetchall()]


def flatten(table: str) -> bool:
    """Puts a plain table with the same rows and keys in the place of a partitioned one, in the open transaction; False where it
    is plain already. A query that cannot name its partition would be planned for partitions times shards.
    """
    if _one(DEFAULT_DB_ALIAS, "SELECT relkind FROM pg_class WHERE oid = %s::regclass", table) != "p":
        return False
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {table}_flat (LIKE {table} INCLUDING ALL)")
        cursor.execute(f"INSERT INTO {table}_flat SELECT * FROM {table}")  # noqa: S608 — the names above
        cursor.execute(f"DROP TABLE {table}")
        cursor.execute(f"ALTER TABLE {table}_flat RENAME TO {table}")
    return True


def _one(node: str, query: str, *parameters: object) -> object:
    """The first column of the first row."""
    with connections[node].cursor() as cursor:
        cursor.execute(query, parameters)  # type: ignore[arg-type]
        row = cursor.fetchone()
        return row[0] if row else None
