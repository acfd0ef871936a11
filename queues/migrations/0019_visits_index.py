"""Parties that are to be asked are found without reading those that were."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('queues', '0018_visits'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='party',
            index=models.Index(condition=models.Q(('ask_at__isnull', False), ('asked_at__isnull', True)), fields=['ask_at'], name='party_to_ask'),
        ),
    ]
