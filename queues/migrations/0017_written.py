"""Guests who write by SMS, and numbers that said STOP."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0016_kept_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='party',
            name='wrote_at',
            field=models.DateTimeField(blank=True, help_text='When its guest last wrote, for the host to read.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='texts_stopped',
            field=models.BooleanField(db_default=False, default=False, help_text='Its number said STOP: no text goes there.'),
        ),
    ]
