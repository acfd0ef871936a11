"""Tables of venues, and how often a party may be passed over for them."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0015_names_on_wall'),
    ]

    operations = [
        migrations.AddField(
            model_name='venue',
            name='passed_over',
            field=models.PositiveSmallIntegerField(blank=True, db_default=3, default=3, help_text='A table is first proposed to the parties it suits best in size. A party that so many behind it were seated before is proposed first for any table that it fits. 0: in the order of the line.', validators=[django.core.validators.MaxValueValidator(50)], verbose_name='times a party may be passed over'),
        ),
        migrations.CreateModel(
            name='Table',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20)),
                ('seats', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)])),
                ('section', models.CharField(blank=True, db_default='', default='', help_text='Such as terrace.', max_length=40)),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('joins', models.ManyToManyField(blank=True, help_text='For parties of both.', to='venues.table', verbose_name='can be joined with')),
                ('venue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tables', to='venues.venue')),
            ],
            options={
                'ordering': ['venue', 'section', 'name'],
                'constraints': [models.UniqueConstraint(models.F('venue'), django.db.models.functions.text.Lower('name'), condition=models.Q(('archived_at__isnull', True)), name='one_table_per_name')],
            },
        ),
    ]
