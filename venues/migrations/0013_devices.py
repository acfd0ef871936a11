import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("venues", "0012_new_email")]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("added_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(help_text="To the minute.")),
                (
                    "kiosk_pin",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The PIN's hash. With one the device is a kiosk, and no host.",
                        max_length=128,
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="devices", to="venues.venue"
                    ),
                ),
            ],
            options={"ordering": ["-last_used_at", "pk"]},
        ),
        migrations.CreateModel(
            name="PairingCode",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("subject_id", models.UUIDField(null=True)),
                ("token_version", models.PositiveIntegerField(default=0)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("create_key", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "taken_with",
                    models.CharField(
                        blank=True, help_text="The hash of the key of the form that used it.", max_length=64
                    ),
                ),
                (
                    "device",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="venues.device",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="venues.venue",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("venue__isnull", True), ("subject_id__isnull", True), _connector=models.Q.XOR
                        ),
                        name="code_of_one_thing",
                    )
                ],
            },
        ),
    ]
