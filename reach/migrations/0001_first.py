"""Channels of a venue, contacts of guests, messages to them."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('queues', '0014_reached'),
        ('venues', '0017_floor_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='Channels',
            fields=[
                ('venue', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='channels', serialize=False, to='venues.venue')),
                ('ways', models.JSONField(default=list, help_text="Names of ways (reach/ways), in the venue's order.")),
                ('fallback_s', models.PositiveIntegerField(db_default=45, default=45, help_text='A call goes by the next way after so many seconds, if it was neither delivered nor answered.')),
            ],
            options={
                'verbose_name_plural': 'channels',
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('party', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='contact', serialize=False, to='queues.party')),
                ('number', models.CharField(blank=True, help_text='E.164, such as +34600111222.', max_length=16)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('ways', models.JSONField(default=list, help_text="Names of ways (reach/ways), in the guest's order.")),
                ('language', models.CharField(default='en', help_text='What it is written to in: en, en-gb, es, ja.', max_length=8)),
                ('origin', models.CharField(blank=True, help_text='The scheme and host under which it found this site.', max_length=280)),
                ('verified_at', models.DateTimeField(blank=True, help_text='When its guest proved the number by a code.', null=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('number', ''), _negated=True), fields=['number'], name='contact_number')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('party_id', models.UUIDField()),
                ('kind', models.CharField(choices=[('join_confirm', 'joined'), ('called', 'called'), ('more_time', 'more time given'), ('pos_2', 'next in line'), ('pos_5', 'fifth in line'), ('ahead', 'as near as its guest chose'), ('message', 'message of the host'), ('direct', 'message to this guest alone'), ('late', 'time to come is over'), ('removed', 'removed'), ('no_show', 'no-show'), ('closed', 'line closed'), ('back', 'back in line'), ('test', 'test')], max_length=12)),
                ('round', models.PositiveIntegerField(default=0)),
                ('again', models.BigIntegerField(default=0)),
                ('at', models.JSONField(default=int)),
                ('undone', models.BooleanField(default=False)),
                ('way', models.CharField(max_length=12)),
                ('state', models.CharField(choices=[('due', 'waits'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('skipped', 'not needed')], default='due', max_length=9)),
                ('made_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('delivered_at', models.DateTimeField(blank=True, help_text='When the other side said that it arrived.', null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('provider_id', models.CharField(blank=True, help_text="The other side's name for it.", max_length=64)),
                ('segments', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('cost_micros', models.BigIntegerField(blank=True, help_text="Millionths of the provider's currency.", null=True)),
                ('detail', models.CharField(blank=True, help_text="The other side's status. Nothing personal.", max_length=80)),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='queues.queue')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'due')), fields=['due_at'], name='message_due'), models.Index(fields=['party_id', '-made_at'], name='message_of_party'), models.Index(condition=models.Q(('provider_id', ''), _negated=True), fields=['provider_id'], name='message_receipt')],
                'constraints': [models.UniqueConstraint(fields=('party_id', 'kind', 'round', 'again', 'way'), name='each_way_once')],
            },
        ),
    ]
