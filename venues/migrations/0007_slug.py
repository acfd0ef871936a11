import django.db.models.deletion
from django.db import migrations, models

import venues.standing
from core.slugs import proposed


def name_addresses(apps, schema_editor):
    """Gives each venue an address made from its name, the oldest venue first."""
    Venue, VenueSlug = apps.get_model("venues", "Venue"), apps.get_model("venues", "VenueSlug")
    for venue in Venue.objects.order_by("created_at", "pk"):
        venue.slug = next(slug for slug in proposed(venue.name) if not VenueSlug.objects.filter(pk=slug).exists())
        VenueSlug.objects.create(slug=venue.slug, venue=venue)
        venue.save(update_fields=["slug"])


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0006_services'),
    ]

    operations = [
        migrations.AddField(
            model_name='venue',
            name='slug',
            field=models.CharField(max_length=60, null=True),
        ),
        migrations.CreateModel(
            name='VenueSlug',
            fields=[
                ('slug', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('since', models.DateTimeField(auto_now_add=True)),
                ('venue', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='slugs', to='venues.venue')),
            ],
            options={
                'verbose_name': 'address',
                'verbose_name_plural': 'addresses',
                'ordering': ['slug'],
            },
        ),
        migrations.RunPython(name_addresses, migrations.RunPython.noop),
        # The foreign keys written above are checked now: a table with checks to come cannot be altered.
        migrations.RunSQL('SET CONSTRAINTS ALL IMMEDIATE', migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='venue',
            name='slug',
            field=models.CharField(blank=True, help_text="The word in the venue's address, /v/…; made from its name where it is left empty.", max_length=60, unique=True, validators=[venues.standing.check_slug], verbose_name='address'),
        ),
    ]
