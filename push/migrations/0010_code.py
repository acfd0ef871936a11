"""A kind of message: a code that proves a number."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('push', '0009_visits'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('join_confirm', 'joined'), ('called', 'called'), ('more_time', 'more time given'), ('pos_2', 'next in line'), ('pos_5', 'fifth in line'), ('ahead', 'as near as its guest chose'), ('message', 'message of the host'), ('direct', 'message to this guest alone'), ('late', 'time to come is over'), ('removed', 'removed'), ('no_show', 'no-show'), ('closed', 'line closed'), ('back', 'back in line'), ('visit', 'question after the visit'), ('code', 'code that proves the number'), ('test', 'test')], max_length=12),
        ),
    ]
