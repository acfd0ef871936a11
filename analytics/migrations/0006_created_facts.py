"""A fact that a page or a program reports may keep the idempotency key it came with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analytics", "0005_facts_of_no_line")]

    operations = [
        migrations.AddField("fact", "create_key", models.CharField(editable=False, max_length=64, null=True)),
        migrations.AddField(
            "fact", "create_asked", models.CharField(db_default="", default="", editable=False, max_length=32)
        ),
    ]
