"""The index by which the timers find closed polls that are still to be sealed, made while ballots go on (docs/decisions/0068)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('polls', '0006_seals'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='poll',
            index=models.Index(condition=models.Q(('root', ''), ('status', 'closed')), fields=['closed_at'], name='poll_unsealed'),
        ),
    ]
