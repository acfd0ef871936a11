"""The first release summed the macs of ballots into their seals, later ones the other halves of the same keyed hashes, which
stand nowhere. `reconcile` would take every poll of then for one that was tampered with."""

from typing import Any

from django.db import migrations

from core.hashing import keyed

MODULUS = 1 << 128

# Polls that were made before the second release came to this installation.
POLLS = """
SELECT p.id, m.applied FROM polls_poll p, django_migrations m
 WHERE m.app = 'polls' AND m.name = '0002_rooms' AND p.created_at < m.applied
"""
BALLOTS = """
SELECT shard, voter_key, ballot_id, choices, cast_at, mac, signer FROM polls_ballot WHERE poll_id = %s
"""
CORRECT = """
UPDATE polls_seal SET sum = mod(sum + %s, 340282366920938463463374607431768211456)
 WHERE poll_id = %s AND shard = %s
   AND slot = (SELECT min(slot) FROM polls_seal WHERE poll_id = %s AND shard = %s)
"""


def correct_seals(apps: Any, schema_editor: Any) -> None:
    """A seal that is right in the first release's way becomes right in today's; any other stays as it is."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(POLLS)
        for poll_id, since in cursor.fetchall():
            then: dict[int, int] = {}
            now: dict[int, int] = {}
            untouched: dict[int, bool] = {}
            cursor.execute(BALLOTS, [poll_id])
            for shard, voter_key, ballot_id, choices, cast_at, mac, signer in cursor.fetchall():
                text = f"{poll_id}:{voter_key.hex()}:{ballot_id}:{','.join(map(str, sorted(choices)))}:{cast_at.isoformat()}"
                both = keyed("ballot", text + (f":{signer.hex()}" if signer else ""))
                part = int.from_bytes(both[16:], "big")
                old = int.from_bytes(both[:16], "big") if cast_at < since else part
                then[shard] = then.get(shard, 0) + old
                now[shard] = now.get(shard, 0) + part
                untouched[shard] = untouched.get(shard, True) and bytes(mac) == both[:16]
            cursor.execute("SELECT shard, sum(sum) FROM polls_seal WHERE poll_id = %s GROUP BY shard", [poll_id])
            for shard, total in cursor.fetchall():
                if untouched.get(shard) and (int(total) - then[shard]) % MODULUS == 0:
                    change = (now[shard] - int(total)) % MODULUS
                    cursor.execute(CORRECT, [change, poll_id, shard, poll_id, shard])


class Migration(migrations.Migration):

    dependencies = [
        ('polls', '0005_bodies_of_keys'),
    ]

    operations = [
        migrations.RunPython(correct_seals, migrations.RunPython.noop),
    ]
