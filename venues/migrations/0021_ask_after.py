"""Whether guests are asked after their visit, and when."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0020_key_expiry_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='venue',
            name='ask_after_min',
            field=models.PositiveSmallIntegerField(blank=True, db_default=0, default=0, help_text='So many minutes after a party was seated its guest is asked once how the visit was. 0: nobody is asked.', validators=[django.core.validators.MaxValueValidator(240)], verbose_name='minutes until guests are asked'),
        ),
    ]
