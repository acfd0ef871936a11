from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0004_message'),
    ]

    operations = [
        migrations.AddField(
            model_name='queue',
            name='create_asked',
            field=models.CharField(db_default='', default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='party',
            name='join_asked',
            field=models.CharField(db_default='', default='', editable=False, help_text='Of its body.', max_length=32),
        ),
    ]
