"""Numbers that are proven by a code: which venues want that, which numbers wait for it, and the codes that were sent."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queues', '0019_visits_index'),
        ('reach', '0005_newest_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='needs_proof',
            field=models.BooleanField(db_default=False, default=False, help_text='Until its guest proves the number, nothing but a code is sent there.'),
        ),
        migrations.AddField(
            model_name='provider',
            name='prove_numbers',
            field=models.BooleanField(db_default=False, default=False, help_text='A number is texted only once its guest has typed a code sent there.'),
        ),
        migrations.AlterField(
            model_name='message',
            name='kind',
            field=models.CharField(choices=[('join_confirm', 'joined'), ('called', 'called'), ('more_time', 'more time given'), ('pos_2', 'next in line'), ('pos_5', 'fifth in line'), ('ahead', 'as near as its guest chose'), ('message', 'message of the host'), ('direct', 'message to this guest alone'), ('late', 'time to come is over'), ('removed', 'removed'), ('no_show', 'no-show'), ('closed', 'line closed'), ('back', 'back in line'), ('visit', 'question after the visit'), ('code', 'code that proves the number'), ('test', 'test')], max_length=12),
        ),
        migrations.CreateModel(
            name='Proof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number_hash', models.BinaryField(max_length=32)),
                ('nonce', models.UUIDField(default=uuid.uuid4, editable=False, help_text='Another for each code.')),
                ('expires_at', models.DateTimeField(help_text='Until when the code is good.')),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='Wrong codes that were typed for this one.')),
                ('sent', models.PositiveSmallIntegerField(default=0, help_text='Texts with a code that were asked for.')),
                ('sent_at', models.DateTimeField(help_text='When the last of them was asked for.', null=True)),
                ('made_at', models.DateTimeField()),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='queues.party')),
            ],
            options={
                'indexes': [models.Index(fields=['number_hash'], name='proof_of_number')],
                'constraints': [models.UniqueConstraint(fields=('party', 'number_hash'), name='one_proof_a_number')],
            },
        ),
    ]
