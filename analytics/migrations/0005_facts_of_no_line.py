"""Reports of pages that belong to no line are found by their age."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('analytics', '0004_index_of_reports'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='fact',
            index=models.Index(condition=models.Q(('queue__isnull', True), ('version__isnull', True)), fields=['at'], name='fact_of_no_line'),
        ),
    ]
