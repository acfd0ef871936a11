"""The keys that owners are still to be told of, for the sweep."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("venues", "0019_key_scopes")]

    operations = [
        AddIndexConcurrently(
            "apikey",
            models.Index(
                condition=models.Q(expires_at__isnull=False, revoked_at__isnull=True, warned_at__isnull=True),
                fields=["expires_at"],
                name="api_key_expires",
            ),
        ),
    ]
