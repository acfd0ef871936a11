"""Facts by the idempotency key they came with; of the few that have one."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("analytics", "0006_created_facts")]

    operations = [
        AddIndexConcurrently(
            "fact",
            models.Index(condition=models.Q(create_key__isnull=False), fields=["create_key"], name="fact_created"),
        ),
    ]
