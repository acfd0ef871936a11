"""Venues whose lines take only guests who are here."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0013_devices'),
    ]

    operations = [
        migrations.AddField(
            model_name='venue',
            name='here_only',
            field=models.BooleanField(db_default=False, default=False, help_text='Its lines take only guests who know the code on the wall, which changes every five minutes.'),
        ),
    ]
