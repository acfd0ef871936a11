"""A message is leased by the worker that sends it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reach', '0001_first'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='leased_until',
            field=models.DateTimeField(blank=True, help_text='A worker sends it; others leave it alone.', null=True),
        ),
        migrations.AlterField(
            model_name='message',
            name='made_at',
            field=models.DateTimeField(help_text='Since when it was to go by this way.'),
        ),
    ]
