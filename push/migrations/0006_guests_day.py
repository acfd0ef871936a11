"""A phone may keep several parties' tickets of a line; guests choose when they are told that their turn is near."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('push', '0005_per_line_and_endings'),
        ('queues', '0007_guests_day'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='subscription',
            name='one_subscription_per_line',
        ),
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('join_confirm', 'joined'), ('called', 'called'), ('more_time', 'more time given'), ('pos_2', 'next in line'), ('pos_5', 'fifth in line'), ('ahead', 'as near as its guest chose'), ('message', 'message of the host'), ('removed', 'removed'), ('no_show', 'no-show'), ('closed', 'line closed'), ('back', 'back in line'), ('test', 'test')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(fields=('endpoint', 'party'), name='one_subscription_per_party'),
        ),
    ]
