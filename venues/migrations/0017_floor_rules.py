"""What a service does at the end of a call."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0016_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='service',
            name='auto_no_show',
            field=models.BooleanField(db_default=True, default=False, help_text='If not, it is shown as late, and a host decides. Parties without a phone are always only late.', verbose_name="when a call runs out, end the party's place"),
        ),
        migrations.AddField(
            model_name='service',
            name='on_my_way_s',
            field=models.PositiveIntegerField(db_default=0, default=300, help_text='Once for each call. 0: none.', validators=[django.core.validators.MaxValueValidator(86400)], verbose_name='seconds more for “On my way”'),
        ),
    ]
