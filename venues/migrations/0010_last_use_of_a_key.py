from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0009_key_of_an_exception'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='last_used_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='To the hour.', null=True),
        ),
    ]
