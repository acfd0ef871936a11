"""Parties that are late, on their way or without a phone; a message to one; why a line is paused; a wait set by hand."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0011_tables_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='party',
            name='late_at',
            field=models.DateTimeField(blank=True, help_text='When its call ran out. It stays called until a host decides.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='message',
            field=models.CharField(blank=True, db_default='', default='', help_text="A host's words to this guest.", max_length=200),
        ),
        migrations.AddField(
            model_name='party',
            name='message_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='on_my_way_at',
            field=models.DateTimeField(blank=True, help_text='When its guest said “On my way”, in the newest call.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='without_phone',
            field=models.BooleanField(db_default=False, default=False, help_text='A host or a tablet entered it, and its ticket was not handed over: no clock ends its place.'),
        ),
        migrations.AddField(
            model_name='queue',
            name='auto_no_show',
            field=models.BooleanField(db_default=True, default=False, help_text='When a call runs out, the clock ends the place of a party with a phone. If not, the party is late.'),
        ),
        migrations.AddField(
            model_name='queue',
            name='on_my_way_s',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='How much more time a called guest gets, once, who says “On my way”; 0: none.'),
        ),
        migrations.AddField(
            model_name='queue',
            name='pause_reason',
            field=models.CharField(blank=True, db_default='', default='', help_text='Why, as guests read it.', max_length=200),
        ),
        migrations.AddField(
            model_name='queue',
            name='wait_high_ms',
            field=models.PositiveBigIntegerField(blank=True, help_text='The same, at most.', null=True),
        ),
        migrations.AddField(
            model_name='queue',
            name='wait_low_ms',
            field=models.PositiveBigIntegerField(blank=True, help_text='The wait that a host set for new guests, at least; only with wait_until.', null=True),
        ),
        migrations.AddField(
            model_name='queue',
            name='wait_until',
            field=models.DateTimeField(blank=True, help_text='The sweep ends the wait that a host set then.', null=True),
        ),
        migrations.AlterField(
            model_name='party',
            name='edits',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='How often its name, size or message changed; its page asks again when this grows.'),
        ),
        migrations.AlterField(
            model_name='queue',
            name='auto_advance',
            field=models.BooleanField(default=True, help_text='When a call runs out, the clock calls the next party.'),
        ),
    ]
