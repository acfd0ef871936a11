from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0003_host_grants'),
    ]

    operations = [
        migrations.AddField(
            model_name=model,
            name='create_key',
            field=models.CharField(editable=False, max_length=64, null=True, unique=True),
        )
        for model in ('apikey', 'membership', 'user', 'venue')
    ]
