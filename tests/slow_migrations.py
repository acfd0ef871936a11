"""`python -m tests.slow_migrations`, in `make lint`: fails on a migration that locks a table for as long as reading or rewriting
its rows takes. Squawk (https://squawkhq.com) reads the SQL of each migration since FROM.

Run it with a Postgres, as `make lint` does: Django asks one how values are written.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

# The number of each app's first migration that is read, where it is not the first: those before it stood when this was begun
# (decision 0073).
FROM = {"analytics": 3, "mail": 3, "outbox": 5, "polls": 5, "push": 7, "queues": 9, "rooms": 2, "venues": 15}
# Squawk's others are about tastes, or about a lock_timeout, which our connections have.
RULES = {
    "adding-field-with-default",
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "adding-required-field",
    "adding-serial-primary-key-field",
    "changing-column-type",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
}
# Refused, or Squawk does not see what it should.
CONTROL = 'CREATE INDEX "waiting" ON "queues_party" ("status");'
POSTGRES = "15"  # the oldest that is supported


@dataclass(frozen=True)
class Step:
    """A migration as SQL. `atomic`: all of it is one transaction."""

    name: str
    sql: str
    atomic: bool = True


def step(loader: MigrationLoader, migration: Migration) -> Step:
    """The SQL of a migration; what it does in Python is not in it."""
    state = loader.project_state((migration.app_label, migration.name), at_end=False)
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(state, editor, collect_sql=True)
    return Step(f"{migration.app_label}.{migration.name}", "\n".join(editor.collected_sql), migration.atomic)


def problems(step: Step) -> list[str]:
    """A sentence for each lock that lasts. Tables that the migration itself makes may be locked."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(step.sql)
        file.flush()
        command = [str(Path(sys.executable).with_name("squawk")), "--reporter", "json", "--pg-version", POSTGRES]
        command += ["--assume-in-transaction"] if step.atomic else []
        said = subprocess.run([*command, file.name], capture_output=True, text=True, check=False)
    if said.returncode > 1 or not said.stdout.strip():
        raise RuntimeError(said.stderr)
    found = [each for each in json.loads(said.stdout) if each["rule_name"] in RULES]
    return [f"{step.name}: {each['rule_name']}: {each['message']} {each.get('help') or ''}".strip() for each in found]


def main() -> int:
    """1 when a migration is refused."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    loader = MigrationLoader(None)
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR}
    chosen = [
        migration
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app in ours and int(name[:4]) >= FROM.get(app, 1)
    ]
    if not problems(Step("control", CONTROL)):
        raise RuntimeError("Squawk does not refuse what it must.")
    refused = [problem for migration in chosen for problem in problems(step(loader, migration))]
    print(*refused, sep="\n", end="\n" if refused else "")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
