from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("guests", "0001_first"),
    ]

    operations = [
        migrations.AlterField(
            model_name="guest",
            name="edits",
            field=models.PositiveIntegerField(default=0, help_text="How often hosts have changed it."),
        ),
    ]
