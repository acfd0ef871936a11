"""Scopes and an expiry of API keys. Keys that exist can do what they could, for ever."""

from django.db import migrations, models

import venues.api_key


class Migration(migrations.Migration):
    dependencies = [("venues", "0018_guest_history")]

    operations = [
        migrations.AddField(
            "apikey",
            "scopes",
            models.JSONField(
                default=venues.api_key.scopes_before,
                db_default=models.Value(["read", "line", "polls", "webhooks"], models.JSONField()),
                help_text="What it may do (core/scopes.py). They never change.",
            ),
        ),
        migrations.AddField(
            "apikey",
            "expires_at",
            models.DateTimeField(blank=True, help_text="It is refused from then on. Empty: never.", null=True),
        ),
        migrations.AddField(
            "apikey",
            "origin",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="This site, for links in mails.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            "apikey",
            "warned_at",
            models.DateTimeField(
                blank=True, editable=False, help_text="When owners were told that it expires soon.", null=True
            ),
        ),
    ]
