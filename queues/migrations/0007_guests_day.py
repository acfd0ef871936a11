"""What guests change while they wait: who wrote a note, and when they are told that their turn is near."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0006_services'),
    ]

    operations = [
        migrations.AddField(
            model_name='party',
            name='note_by_host',
            field=models.BooleanField(db_default=False, default=False, help_text='A host wrote the note: its guest neither sees nor changes it.'),
        ),
        migrations.AddField(
            model_name='party',
            name='tell_ahead',
            field=models.PositiveSmallIntegerField(blank=True, help_text='The guest is told once no more than so many parties wait before it.', null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='told_ahead',
            field=models.BooleanField(db_default=False, default=False, help_text='It was told so, once for each choice of the guest.'),
        ),
    ]
