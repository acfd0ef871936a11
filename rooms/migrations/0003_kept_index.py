"""Rooms that are to be forgotten are found without reading those that were."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('rooms', '0002_kept'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='room',
            index=models.Index(condition=models.Q(('closed_at__isnull', False), ('forgotten_at__isnull', True)), fields=['venue', 'closed_at'], name='room_to_forget'),
        ),
    ]
