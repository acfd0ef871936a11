"""Events of earlier releases: ends of places, and ways back, that nobody has to be told of any more."""

from django.db import migrations

DONE = """
INSERT INTO outbox_effect (event_id, name, status, attempts, due_at, done_at, last_error)
SELECT id, CASE WHEN type IN ('QUEUE_CLOSED', 'QUEUE_ACTION_UNDONE') THEN 'announce' ELSE 'push' END,
       'done', 0, at, clock_timestamp(), ''
  FROM outbox_event
 WHERE type IN ('QUEUE_MEMBER_KICKED', 'QUEUE_MEMBER_DROPPED', 'QUEUE_MEMBER_PUT_BACK', 'QUEUE_CLOSED', 'QUEUE_ACTION_UNDONE')
ON CONFLICT DO NOTHING"""


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0002_first'),
    ]

    operations = [
        migrations.RunSQL(DONE, migrations.RunSQL.noop),
    ]
