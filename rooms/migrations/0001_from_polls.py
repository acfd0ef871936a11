"""Rooms were models of the app `polls`. Only Django's state changes here: the tables keep their names and rows. Content types move
along, and with them the permissions of people and groups and the admin's log, which point to a content type.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models

MOVED = ["room", "participant", "roomticks"]


def move_content_types(apps, schema_editor):
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label="polls", model__in=MOVED).update(app_label="rooms")


def move_content_types_back(apps, schema_editor):
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label="rooms", model__in=MOVED).update(app_label="polls")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        ('polls', '0004_third_release'),
        ('venues', '0004_create_keys'),
    ]

    operations = [
        migrations.RunPython(move_content_types, move_content_types_back),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Room',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('code', models.CharField(max_length=6, unique=True)),
                        ('create_key', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                        ('create_asked', models.CharField(db_default='', default='', editable=False, max_length=32)),
                        ('title', models.CharField(max_length=255)),
                        ('status', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed')], default='open', max_length=8)),
                        ('opened_at', models.DateTimeField()),
                        ('closes_at', models.DateTimeField(help_text='When it closes by itself.')),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('version', models.BigIntegerField(default=0, help_text='Counts commands; ticks are ordered by their second.')),
                        ('token_version', models.PositiveIntegerField(db_default=0, default=0, help_text='Host tokens of an earlier number have ended.')),
                        ('kept_until', models.BigIntegerField(default=0, help_text='The last second (unix time) whose tick is kept.')),
                        ('complete', models.BooleanField(default=False, help_text='Closed, and every tick that could be kept is kept.')),
                        ('venue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rooms', to='venues.venue')),
                    ],
                    options={
                        'db_table': 'polls_room',
                        'ordering': ['-opened_at'],
                    },
                ),
                migrations.CreateModel(
                    name='Participant',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('name', models.CharField(blank=True, max_length=80)),
                        ('create_key', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                        ('create_asked', models.CharField(db_default='', default='', editable=False, max_length=32)),
                        ('joined_at', models.DateTimeField()),
                        ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='rooms.room')),
                    ],
                    options={
                        'db_table': 'polls_participant',
                        'ordering': ['-joined_at'],
                    },
                ),
                migrations.CreateModel(
                    name='RoomTicks',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('first_ts', models.BigIntegerField()),
                        ('ts', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('yes', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                        ('no', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                        ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept', to='rooms.room')),
                    ],
                    options={
                        'verbose_name_plural': 'room ticks',
                        'db_table': 'polls_roomticks',
                        'ordering': ['first_ts'],
                    },
                ),
                migrations.AddIndex(
                    model_name='room',
                    index=models.Index(fields=['venue', '-opened_at'], name='room_of_venue'),
                ),
                migrations.AddIndex(
                    model_name='room',
                    index=models.Index(condition=models.Q(('complete', False)), fields=['closes_at'], name='room_unfinished'),
                ),
                migrations.AddConstraint(
                    model_name='roomticks',
                    constraint=models.UniqueConstraint(fields=('room', 'first_ts'), name='one_chunk_per_second'),
                ),
            ],
        ),
    ]
