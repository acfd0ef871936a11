"""What the third release changes: proof of work, bodies of keys, seals as they are today, texts of any length, claims, host tokens
that can be renewed; rooms become an app (rooms/migrations/0001_from_polls.py: their tables stay as they are)."""

from typing import Any

from django.db import migrations, models

from core.hashing import keyed

MODULUS = 1 << 128

# Polls that were made before the second release came to this installation.
POLLS = """
SELECT p.id, m.applied FROM polls_poll p, django_migrations m
 WHERE m.app = 'polls' AND m.name = '0002_rooms' AND p.created_at < m.applied
"""
BALLOTS = """
SELECT shard, voter_key, ballot_id, choices, cast_at, mac, signer FROM polls_ballot WHERE poll_id = %s
"""
CORRECT = """
UPDATE polls_seal SET sum = mod(sum + %s, 340282366920938463463374607431768211456)
 WHERE poll_id = %s AND shard = %s
   AND slot = (SELECT min(slot) FROM polls_seal WHERE poll_id = %s AND shard = %s)
"""


def correct_seals(apps: Any, schema_editor: Any) -> None:
    """The first release summed the macs of ballots into their seals; later ones sum the other halves of the same keyed hashes, which
    are stored nowhere. A seal that is right in the first way becomes right in today's; any other stays, for `reconcile` to report."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(POLLS)
        for poll_id, since in cursor.fetchall():
            then: dict[int, int] = {}
            now: dict[int, int] = {}
            untouched: dict[int, bool] = {}
            cursor.execute(BALLOTS, [poll_id])
            for shard, voter_key, ballot_id, choices, cast_at, mac, signer in cursor.fetchall():
                text = f"{poll_id}:{voter_key.hex()}:{ballot_id}:{','.join(map(str, sorted(choices)))}:{cast_at.isoformat()}"
                both = keyed("ballot", text + (f":{signer.hex()}" if signer else ""))
                part = int.from_bytes(both[16:], "big")
                old = int.from_bytes(both[:16], "big") if cast_at < since else part
                then[shard] = then.get(shard, 0) + old
                now[shard] = now.get(shard, 0) + part
                untouched[shard] = untouched.get(shard, True) and bytes(mac) == both[:16]
            cursor.execute("SELECT shard, sum(sum) FROM polls_seal WHERE poll_id = %s GROUP BY shard", [poll_id])
            for shard, total in cursor.fetchall():
                if untouched.get(shard) and (int(total) - then[shard]) % MODULUS == 0:
                    change = (now[shard] - int(total)) % MODULUS
                    cursor.execute(CORRECT, [change, poll_id, shard, poll_id, shard])


# Which voter a ballot id belongs to (docs/decisions/0021): partitioned as ballots are, by a shard of the id.
PARTITIONS = 16
MAKE_CLAIMS = """
CREATE TABLE polls_claim (
    poll_id uuid NOT NULL,
    shard smallint NOT NULL,
    claim uuid NOT NULL,
    voter_key bytea NOT NULL,
    epoch integer NOT NULL,
    PRIMARY KEY (poll_id, shard, claim)
) PARTITION BY HASH (poll_id, shard, claim);
""" + "".join(
    f"CREATE TABLE polls_claim_{n} PARTITION OF polls_claim FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {n});\n"
    for n in range(PARTITIONS)
)
# As polls.rules.claim_shard: the id's first four bytes, unsigned. Of two voters who once sent the same id the first keeps it.
CLAIM_WHAT_IS_THERE = """
INSERT INTO polls_claim (poll_id, shard, claim, voter_key, epoch)
SELECT b.poll_id, ('x' || left(sent.id::text, 8))::bit(32)::bigint % p.shards, sent.id, b.voter_key, p.epoch
  FROM polls_ballot b JOIN polls_poll p ON p.id = b.poll_id, unnest(b.replaced || b.ballot_id) AS sent (id)
 ORDER BY b.cast_at
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):

    # Under these names in installations of the main branch.
    replaces = [
        ('polls', name)
        for name in (
            '0004_work_bits', '0005_bodies_of_keys', '0006_seals_of_the_first_release', '0007_long_texts', '0008_claims',
            '0009_token_version', '0010_rooms_leave',
        )
    ]

    dependencies = [
        ('polls', '0003_ballot_signer'),
    ]

    operations = [
        migrations.AddField(
            model_name='poll',
            name='work_bits',
            field=models.PositiveSmallIntegerField(default=0, help_text='Zero bits of the proof of work that a ballot needs; 0 asks for none.', verbose_name='bits of work'),
        ),
        migrations.AddField(
            model_name='participant',
            name='create_key',
            field=models.CharField(editable=False, max_length=64, null=True, unique=True),
        ),
        *(
            migrations.AddField(
                model_name=name,
                name='create_asked',
                field=models.CharField(db_default='', default='', editable=False, max_length=32),
            )
            for name in ('participant', 'poll', 'room')
        ),
        migrations.AlterField(
            model_name='choice',
            name='text',
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name='poll',
            name='title',
            field=models.TextField(),
        ),
        *(
            migrations.AddField(
                model_name=name,
                name='token_version',
                field=models.PositiveIntegerField(db_default=0, default=0, help_text='Host tokens of an earlier number have ended.'),
            )
            for name in ('poll', 'room')
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('pk', models.CompositePrimaryKey('poll_id', 'shard', 'claim', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shard', models.SmallIntegerField()),
                ('claim', models.UUIDField()),
                ('voter_key', models.BinaryField(max_length=16)),
                ('epoch', models.IntegerField()),
            ],
            options={
                'db_table': 'polls_claim',
                'managed': False,
            },
        ),
        migrations.RunSQL(MAKE_CLAIMS, "DROP TABLE polls_claim", hints={"on_nodes": True}),
        migrations.RunSQL(CLAIM_WHAT_IS_THERE, migrations.RunSQL.noop),
        migrations.RunSQL(
            "DROP INDEX polls_ballot_by_id",
            "CREATE INDEX polls_ballot_by_id ON polls_ballot (poll_id, ballot_id)",
            hints={"on_nodes": True},
        ),
        migrations.RunPython(correct_seals, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name) for name in ('RoomTicks', 'Participant', 'Room')],
        ),
    ]
