"""The day that paid for a text, which a price told later corrects."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reach', '0006_proofs'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='paid_on',
            field=models.DateField(blank=True, help_text='The business day from which a text was last paid.', null=True),
        ),
    ]
