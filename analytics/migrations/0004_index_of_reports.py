"""The index of reports holds what they read of quotes. Made while facts are written."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('analytics', '0003_quotes'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='fact',
            index=models.Index(condition=models.Q(('type__in', ('QUEUE_MEMBER_JOINED', 'QUEUE_MEMBER_QUOTED', 'QUEUE_MEMBER_SERVED', 'QUEUE_MEMBER_LEFT', 'QUEUE_MEMBER_KICKED', 'QUEUE_MEMBER_DROPPED', 'QUEUE_MEMBER_PUT_BACK')), ('version__isnull', False)), fields=['queue', 'type'], include=('party_id', 'version', 'seq', 'at', 'size', 'waited_ms', 'quoted_low_ms', 'quoted_high_ms', 'called_ms', 'quote_model', 'older_low_ms', 'older_high_ms'), name='fact_of_reports'),
        ),
        RemoveIndexConcurrently(
            model_name='fact',
            name='fact_reported',
        ),
    ]
