from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_ends_are_told")]

    operations = [
        migrations.AlterField(
            model_name="effect",
            name="leased_until",
            field=models.DateTimeField(
                blank=True, null=True, help_text="A worker performs it; others leave it alone until then."
            ),
        ),
    ]
