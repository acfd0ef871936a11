from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0011_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='new_email',
            field=models.EmailField(blank=True, default='', editable=False, max_length=254),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='user',
            name='new_email_key',
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='user',
            name='new_email_until',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
