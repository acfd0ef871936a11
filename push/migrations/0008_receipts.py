"""When a browser said that a message has arrived."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('push', '0007_late_and_direct'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='received_at',
            field=models.DateTimeField(blank=True, help_text='When the browser said that it shows it.', null=True),
        ),
    ]
