"""The version of the rules that a line quotes by, and what its quotes are made of."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0012_floor_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='queue',
            name='quote_model',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, editable=False, help_text='The version of the rules that quote waits (queues/quotes).'),
        ),
        migrations.AddField(
            model_name='queue',
            name='flow',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, editable=False, help_text='How fast the line moves, as far as quotes go by it (quotes.Flow); {}: only pace_ms is known.'),
        ),
        migrations.AddField(
            model_name='queue',
            name='past',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, editable=False, help_text="What its venue's past said when it opened (quotes.Past); {}: nothing."),
        ),
        migrations.AddField(
            model_name='party',
            name='told',
            field=models.JSONField(editable=False, help_text='What made its quote at the join (quotes.Told); none where a host set it.', null=True),
        ),
    ]
