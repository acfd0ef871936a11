"""Lines that take only guests who are here."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0007_guests_day'),
    ]

    operations = [
        migrations.AddField(
            model_name='queue',
            name='here_only',
            field=models.BooleanField(db_default=False, default=False, help_text='Guests join only with the code on the wall (queues/here.py).'),
        ),
    ]
