"""What a backup says of itself."""

import msgspec

from config.backups.errors import Refused
from core import hashing
from core.releases import unknown_migrations

FORMAT = 1
NAME = "manifest.json"


class Dump(msgspec.Struct, frozen=True):
    """One database: PostgreSQL's major version, and the rows of each table at the instant that was dumped."""

    postgres: int
    tables: dict[str, int]


class Manifest(msgspec.Struct, frozen=True):
    """`version` of Tallyline; `made_at` in ISO 8601; `key`: what `key_fingerprint` gave; `files`: names in DATA_DIR."""

    version: str
    made_at: str
    key: str
    secrets: bool
    migrations: list[str]
    databases: dict[str, Dump]
    files: list[str]
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Of all tables of all databases."""
        return sum(sum(dump.tables.values()) for dump in self.databases.values())

    def refuse_newer(self) -> None:
        """Raises Refused when a newer Tallyline than this one made the backup."""
        unknown = [f"format {self.format}"] if self.format > FORMAT else unknown_migrations(self.migrations)
        if unknown:
            raise Refused(
                f"The backup is of a newer Tallyline ({self.version}; {unknown[0]} is not known here): restore it with that."
            )


def key_fingerprint() -> str:
    """Tells whether two installations have the same SECRET_KEY, and nothing about it."""
    return hashing.keyed("backup", "fingerprint").hex()[:16]
