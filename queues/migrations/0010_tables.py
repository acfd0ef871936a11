"""Where parties wish to sit, at which tables they sit, and since when."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0009_sent_actions'),
    ]

    operations = [
        migrations.AddField(
            model_name='party',
            name='freed_at',
            field=models.DateTimeField(blank=True, help_text='When it gave them back.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='seated_at',
            field=models.DateTimeField(blank=True, help_text='Since when it had these tables.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='section',
            field=models.CharField(blank=True, db_default='', default='', help_text='Where it wishes to sit.', max_length=40),
        ),
        migrations.AddField(
            model_name='party',
            name='tables',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, help_text='Ids of the tables at which it was seated.'),
        ),
    ]
