"""Which release a database belongs to, told by its migrations: a program does not run on the data of a newer one."""

import pkgutil
from collections.abc import Iterable
from importlib import import_module

from django.apps import apps
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from core.start import CannotStart


class NewerData(CannotStart):
    """A newer release has migrated this database."""


def require_known_migrations() -> None:
    """Raises NewerData when the database has migrations that this program does not know. A new database has none; one that cannot
    be reached does not stop a start."""
    try:
        unknown = unknown_migrations(applied_migrations())
    except OperationalError:
        return
    if unknown:
        raise NewerData(
            f"A newer Tallyline has used this database ({unknown[0]} is not known here): start that version, or restore a "
            "backup that was made before the upgrade."
        )


def applied_migrations() -> list[str]:
    """`app.name` of each migration that the database has had."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def unknown_migrations(applied: Iterable[str]) -> list[str]:
    """Those that this program neither has nor replaces by others."""
    unknown = set(applied) - _names()
    if unknown:  # only now: reading all migrations takes a tenth of a second
        migrations = MigrationLoader(None).disk_migrations.values()
        unknown -= {f"{app}.{name}" for migration in migrations for app, name in migration.replaces}
    return sorted(unknown)


def _names() -> set[str]:
    """The names of the files of this program's migrations."""
    names = set()
    for config in apps.get_app_configs():
        try:
            package = import_module(f"{config.name}.migrations")
        except ModuleNotFoundError:
            continue
        names |= {f"{config.label}.{each.name}" for each in pkgutil.iter_modules(package.__path__)}
    return names
