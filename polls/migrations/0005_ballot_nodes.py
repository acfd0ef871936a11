import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('polls', '0004_third_release'),
    ]

    operations = [
        migrations.AddField(
            model_name='poll',
            name='nodes',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, help_text='Over how many nodes its shards are spread (polls/nodes.py).'),
        ),
        migrations.CreateModel(
            name='PollOnNode',
            fields=[
                ('pk', models.CompositePrimaryKey('poll_id', 'shard', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shard', models.SmallIntegerField()),
                ('version', models.BigIntegerField()),
                ('epoch', models.IntegerField()),
                ('status', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed'), ('deleted', 'Deleted')], max_length=8)),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('shards', models.IntegerField()),
                ('min_picks', models.SmallIntegerField()),
                ('max_picks', models.SmallIntegerField()),
                ('may_change', models.BooleanField()),
                ('choices', models.SmallIntegerField(help_text='How many there are.')),
                ('poll', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='on_nodes', to='polls.poll')),
            ],
            options={
                'verbose_name_plural': 'polls on nodes',
            },
        ),
    ]
