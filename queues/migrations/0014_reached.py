"""Parties for whom a number or an address is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0013_quotes'),
    ]

    operations = [
        migrations.AddField(
            model_name='party',
            name='has_contact',
            field=models.BooleanField(db_default=False, default=False, help_text='A number or address is kept.'),
        ),
    ]
