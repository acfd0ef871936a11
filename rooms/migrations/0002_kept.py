"""When the names of its participants were taken out of a room."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0001_from_polls'),
    ]

    operations = [
        migrations.AddField(
            model_name='room',
            name='forgotten_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When the names of its participants were taken out of it.', null=True),
        ),
    ]
