"""What hosts' devices have sent, with its outcome."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0008_here_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='SentAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action_id', models.UUIDField(help_text='Made by the device.')),
                ('asked', models.CharField(help_text='The fingerprint of what was sent.', max_length=32)),
                ('action', models.CharField(help_text='The name of the button.', max_length=24)),
                ('party_id', models.UUIDField(blank=True, help_text='The party it was about, or that it has added.', null=True)),
                ('pressed_at', models.DateTimeField(help_text='By the device.')),
                ('at', models.DateTimeField()),
                ('version', models.BigIntegerField(blank=True, help_text='What it made of the line; none: nothing changed.', null=True)),
                ('refusal', models.TextField(blank=True, help_text='Why it was not done; empty: it was.')),
                ('code', models.CharField(blank=True, help_text='The reason of the refusal by its name.', max_length=40)),
                ('state', models.CharField(blank=True, help_text="The party's state after it (queues/seen.py).", max_length=24)),
                ('details', models.CharField(blank=True, help_text='What could be edited of the party after it, as a mark.', max_length=16)),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sent_actions', to='queues.queue')),
            ],
            options={
                'verbose_name': 'sent action',
                'indexes': [models.Index(fields=['at'], name='sent_action_at')],
                'constraints': [models.UniqueConstraint(fields=('queue', 'action_id'), name='one_outcome_per_sent_action')],
            },
        ),
    ]
