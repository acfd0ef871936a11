"""What the third release changes: bodies of keys, lines without a zone, host tokens that can be renewed, no-shows by the clock, tickets
that are told of edits, promises and polls."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0004_message'),
    ]
    replaces = [
        ('queues', '0005_bodies_of_keys'),
        ('queues', '0006_has_zone'),
        ('queues', '0007_token_version'),
        ('queues', '0008_left_alone'),
        ('queues', '0009_live_tickets'),
    ]

    operations = [
        migrations.AddField(
            model_name='queue',
            name='create_asked',
            field=models.CharField(db_default='', default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='party',
            name='join_asked',
            field=models.CharField(db_default='', default='', editable=False, help_text='Of its body.', max_length=32),
        ),
        migrations.AddField(
            model_name='queue',
            name='has_zone',
            field=models.BooleanField(db_default=True, default=True, help_text='Whether its opener named the zone. If not, its hours are only shown, and times are told as spans.'),
        ),
        migrations.AddField(
            model_name='queue',
            name='token_version',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='Host tokens of an earlier number have ended.'),
        ),
        migrations.AddField(
            model_name='party',
            name='lapsed',
            field=models.BooleanField(db_default=False, default=False, help_text='A no-show by the clock that no host has put back or dismissed yet.'),
        ),
        migrations.AddField(
            model_name='queue',
            name='called_by_clock',
            field=models.BooleanField(db_default=False, default=False, help_text='The clock has called a party and no host has acted since: it calls no other until one does.'),
        ),
        migrations.AlterField(
            model_name='queue',
            name='auto_advance',
            field=models.BooleanField(default=True, help_text='After a no-show by the clock, call the next party.'),
        ),
        migrations.AddField(
            model_name='party',
            name='edits',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='How often its name or size changed; its page asks again when this grows.'),
        ),
        migrations.AddField(
            model_name='party',
            name='quoted_by_host',
            field=models.BooleanField(db_default=False, default=False, help_text='A host promised this wait; the guest is shown what is left of it.'),
        ),
        migrations.AddField(
            model_name='queue',
            name='asked',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, help_text='The open polls for the people in line, newest first: code, title, from, until (ms or null).'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(condition=models.Q(('status', 'waiting'), models.Q(('edits__gt', 0), ('quoted_by_host', True), _connector='OR')), fields=['queue'], name='party_noted'),
        ),
    ]
