"""One question to a party after its visit."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0017_written'),
    ]

    operations = [
        migrations.AddField(
            model_name='party',
            name='ask_at',
            field=models.DateTimeField(blank=True, help_text='When its guest is asked how the visit was.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='asked_at',
            field=models.DateTimeField(blank=True, help_text='When its guest was asked, once.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='answer',
            field=models.PositiveSmallIntegerField(blank=True, help_text='1 (bad) to 5 (very good).', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='answer_words',
            field=models.CharField(blank=True, db_default='', default='', help_text='What its guest wrote with it.', max_length=200),
        ),
        migrations.AddField(
            model_name='party',
            name='answered_at',
            field=models.DateTimeField(blank=True, help_text='When its guest first answered.', null=True),
        ),
    ]
