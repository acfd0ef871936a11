"""Rooms become an app (rooms/migrations/0001_from_polls.py). Only Django's state changes; the tables stay as they are."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("polls", "0009_token_version")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("RoomTicks"),
                migrations.DeleteModel("Participant"),
                migrations.DeleteModel("Room"),
            ]
        )
    ]
