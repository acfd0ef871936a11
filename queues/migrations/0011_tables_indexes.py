"""Parties that sit at tables, and their past turns, are found without reading all parties of a line."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('queues', '0010_tables'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='party',
            index=models.Index(condition=models.Q(('freed_at__isnull', True), ('seated_at__isnull', False)), fields=['queue'], name='party_sits'),
        ),
        AddIndexConcurrently(
            model_name='party',
            index=models.Index(condition=models.Q(('freed_at__isnull', True), ('seated_at__isnull', False)), fields=['seated_at'], name='party_sits_since'),
        ),
        AddIndexConcurrently(
            model_name='party',
            index=models.Index(condition=models.Q(('freed_at__isnull', False)), fields=['queue', 'freed_at'], name='party_turned'),
        ),
    ]
