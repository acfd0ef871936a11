"""When a seated party was called, which rules quoted its wait, and what the first rules would have quoted."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0002_weekly_mail'),
    ]

    operations = [
        migrations.AddField(
            model_name='fact',
            name='called_ms',
            field=models.PositiveBigIntegerField(blank=True, help_text='Of a seated party: from its join to its call, in line time; none without a call.', null=True),
        ),
        migrations.AddField(
            model_name='fact',
            name='quote_model',
            field=models.PositiveSmallIntegerField(blank=True, help_text='The version of the rules that quoted at the join; 0: a host. Empty: the first.', null=True),
        ),
        migrations.AddField(
            model_name='fact',
            name='older_low_ms',
            field=models.PositiveBigIntegerField(blank=True, help_text='What the first version of the rules would have quoted at the join.', null=True),
        ),
        migrations.AddField(
            model_name='fact',
            name='older_high_ms',
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
    ]
