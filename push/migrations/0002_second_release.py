"""What the second release changes: messages in the language of the phone, of more time, and of the host."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('push', '0001_first'),
    ]
    replaces = [
        ('push', '0002_language'),
        ('push', '0003_more_time'),
        ('push', '0004_message'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='language',
            field=models.CharField(default='en', help_text='What its messages are written in: en, en-gb, es, ja.', max_length=8),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('join_confirm', 'joined'), ('called', 'called'), ('more_time', 'more time given'), ('pos_2', 'next in line'), ('pos_5', 'fifth in line'), ('message', 'message of the host'), ('test', 'test')], max_length=12),
        ),
    ]
