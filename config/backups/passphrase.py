"""The passphrase of a backup: from a file, the environment or the terminal, not from the command line, which others can read."""

import sys
from getpass import getpass
from pathlib import Path

from config.backups.errors import Refused
from core import environment as env

SHORTEST = 12


def passphrase(file: Path | None, *, new: bool) -> str:
    """The first line of `file`, else the variable, else what is typed: twice when it is `new`.

    Raises Refused when there is none, or a new one is shorter than SHORTEST.
    """
    given = _from_file(file) if file else env.text("BACKUP_PASSPHRASE") or _typed(twice=new)
    if new and len(given) < SHORTEST:
        raise Refused(f"The passphrase must have at least {SHORTEST} characters.")
    return given


def _from_file(file: Path) -> str:
    try:
        return file.read_text().split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise Refused(f"The passphrase cannot be read from {file}: {problem}") from None


def _typed(*, twice: bool) -> str:
    if not sys.stdin.isatty():
        raise Refused("A backup has a passphrase: set BACKUP_PASSPHRASE, or name a file by --passphrase-file.")
    typed = getpass("Passphrase of the backup: ")
    if twice and getpass("Once more: ") != typed:
        raise Refused("The two are not the same.")
    return typed
