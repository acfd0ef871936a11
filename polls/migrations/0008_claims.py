from django.db import migrations, models

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
DROP INDEX polls_ballot_by_id;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('polls', '0007_long_texts'),
    ]

    operations = [
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
        migrations.RunSQL(MAKE_CLAIMS, "DROP TABLE polls_claim"),
        migrations.RunSQL(CLAIM_WHAT_IS_THERE, "CREATE INDEX polls_ballot_by_id ON polls_ballot (poll_id, ballot_id)"),
    ]
