import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import venues.standing


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0007_slug'),
    ]

    operations = [
        migrations.AddField(
            model_name='venue',
            name='accent',
            field=models.CharField(blank=True, db_default='', default='', help_text="The colour of buttons and links on guests' pages, #rrggbb; empty: Tallyline's own.", max_length=7, validators=[venues.standing.check_accent]),
        ),
        migrations.AddField(
            model_name='venue',
            name='menu_url',
            field=models.CharField(blank=True, db_default='', default='', max_length=500, validators=[django.core.validators.URLValidator(schemes=['http', 'https'])], verbose_name='menu'),
        ),
        migrations.AddField(
            model_name='venue',
            name='logo',
            field=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Its digest.', max_length=20),
        ),
        migrations.CreateModel(
            name='VenueLogo',
            fields=[
                ('venue', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='logo_row', serialize=False, to='venues.venue')),
                ('picture', models.BinaryField(help_text='WebP.')),
                ('digest', models.CharField(db_index=True, max_length=20)),
            ],
        ),
    ]
