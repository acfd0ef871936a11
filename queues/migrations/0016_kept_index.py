"""Lines that are to be forgotten are found without reading those that were."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('queues', '0015_kept'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='queue',
            index=models.Index(condition=models.Q(('closed_at__isnull', False), ('forgotten_at__isnull', True)), fields=['venue', 'closed_at'], name='queue_to_forget'),
        ),
    ]
