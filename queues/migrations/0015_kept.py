"""When what is personal was taken out of a line, or of one party of it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0014_reached'),
    ]

    operations = [
        migrations.AddField(
            model_name='queue',
            name='forgotten_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When names, notes and messages were taken out of it.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='erased_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When its guest, or staff, had it erased.', null=True),
        ),
    ]
