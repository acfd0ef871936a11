from django.db import migrations, models

import venues.standing


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0010_last_use_of_a_key'),
    ]

    operations = [
        migrations.AddField(
            model_name='venue',
            name='words',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, help_text="What guests read on its pages, by language.", validators=[venues.standing.check_words]),
        ),
    ]
