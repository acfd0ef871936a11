"""Providers of texts, what days cost, what was written, numbers that said STOP."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0017_written'),
        ('reach', '0002_lease'),
        ('venues', '0017_floor_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='Provider',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('twilio', 'Twilio'), ('gateway', 'A gateway of our own')], max_length=8)),
                ('sid', models.CharField(blank=True, help_text="Twilio's account.", max_length=40)),
                ('token', models.CharField(blank=True, editable=False, max_length=80)),
                ('url', models.CharField(blank=True, help_text="The gateway's.", max_length=800)),
                ('secret', models.CharField(blank=True, editable=False, max_length=80)),
                ('sender', models.CharField(blank=True, help_text='Of SMS.', max_length=40)),
                ('whatsapp_sender', models.CharField(blank=True, max_length=40)),
                ('whatsapp_template', models.CharField(blank=True, help_text="Twilio's approved content template.", max_length=40)),
                ('quiet_from', models.TimeField(blank=True, help_text="No text goes out from then on, in the venue's zone.", null=True)),
                ('quiet_until', models.TimeField(blank=True, null=True)),
                ('price_micros', models.PositiveBigIntegerField(default=50000, help_text='What one SMS is taken to cost until the provider has said.')),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('cap_micros', models.PositiveBigIntegerField(blank=True, help_text='What a business day may cost; null: any.', null=True)),
                ('origin', models.CharField(help_text='Under which its provider finds this site.', max_length=280)),
                ('made_at', models.DateTimeField()),
                ('failing_since', models.DateTimeField(help_text='The provider has taken nothing since.', null=True)),
                ('problem', models.CharField(blank=True, help_text='What it said last. Nothing personal.', max_length=120)),
                ('venue', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='venues.venue')),
            ],
        ),
        migrations.CreateModel(
            name='Said',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(choices=[('guest', 'Guest'), ('host', 'Host')], max_length=5)),
                ('channel', models.CharField(max_length=8)),
                ('text', models.CharField(blank=True, max_length=1000)),
                ('at', models.DateTimeField()),
                ('outside_id', models.CharField(max_length=64, null=True)),
                ('message', models.UUIDField(null=True)),
                ('meaning', models.CharField(blank=True, help_text='What a reply asked for (reach/words.py).', max_length=12)),
                ('done_at', models.DateTimeField(help_text='When that was done, or refused.', null=True)),
                ('outcome', models.CharField(blank=True, help_text='What came of it, for the host.', max_length=80)),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='said', to='queues.party')),
                ('venue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='venues.venue')),
            ],
            options={
                'verbose_name_plural': 'said',
                'indexes': [models.Index(fields=['party', 'at'], name='said_to_party')],
                'constraints': [models.UniqueConstraint(fields=('venue', 'outside_id'), name='heard_once'), models.UniqueConstraint(fields=('message',), name='said_once')],
            },
        ),
        migrations.CreateModel(
            name='Spent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('micros', models.BigIntegerField(default=0)),
                ('segments', models.PositiveIntegerField(default=0)),
                ('texts', models.PositiveIntegerField(default=0)),
                ('held_back', models.PositiveIntegerField(default=0, help_text='Not sent, because the cap was reached.')),
                ('warned_at', models.DateTimeField(help_text='When the day had cost most of its cap.', null=True)),
                ('venue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='venues.venue')),
            ],
            options={
                'verbose_name_plural': 'spent',
                'constraints': [models.UniqueConstraint(fields=('venue', 'day'), name='one_cost_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Stopped',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number_hash', models.BinaryField(max_length=32)),
                ('at', models.DateTimeField()),
                ('venue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='venues.venue')),
            ],
            options={
                'verbose_name_plural': 'stopped',
                'constraints': [models.UniqueConstraint(fields=('venue', 'number_hash'), name='stopped_once')],
            },
        ),
    ]
