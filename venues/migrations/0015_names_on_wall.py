"""Whether a venue's walls show names."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0014_here_only'),
    ]

    operations = [
        migrations.AddField(
            model_name='venue',
            name='names_on_wall',
            field=models.BooleanField(db_default=False, default=False, help_text='A wall that a host opened shows the names of called guests; the join page says so.', verbose_name='names on the wall'),
        ),
    ]
