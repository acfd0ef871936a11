"""What the close by seals needs (docs/decisions/0068)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('polls', '0005_ballot_nodes'),
    ]

    operations = [
        migrations.CreateModel(
            name='NodeSeal',
            fields=[
                ('pk', models.CompositePrimaryKey('poll_id', 'shard', 'epoch', blank=True, editable=False, primary_key=True, serialize=False)),
                ('poll', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='polls.poll')),
                ('shard', models.SmallIntegerField()),
                ('epoch', models.IntegerField()),
                ('sealed_at', models.DateTimeField()),
                ('ballots', models.BigIntegerField()),
                ('root', models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Subtree',
            fields=[
                ('pk', models.CompositePrimaryKey('poll_id', 'shard', 'epoch', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('poll', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='polls.poll')),
                ('shard', models.SmallIntegerField()),
                ('epoch', models.IntegerField()),
                ('number', models.IntegerField()),
                ('ballots', models.IntegerField()),
                ('last_shard', models.SmallIntegerField()),
                ('last_voter', models.BinaryField(max_length=16)),
                ('hash', models.BinaryField(max_length=32)),
            ],
        ),
        migrations.AddField(
            model_name='poll',
            name='digest_version',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, editable=False),
        ),
    ]
