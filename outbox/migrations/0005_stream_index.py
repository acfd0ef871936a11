"""The events of one line, poll or room in the order of time: the list of a venue's events is merged from these."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("outbox", "0004_lease_in_words")]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["stream_id", "at", "id"], name="event_of_stream"),
        ),
    ]
