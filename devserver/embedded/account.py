"""The system user Postgres runs as when we are root, which it refuses to be."""

import os
import pwd
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER = "tallyline"


@dataclass(frozen=True)
class Account:
    """A system user, by number."""

    uid: int
    gid: int

    def options(self) -> dict[str, Any]:
        """Arguments that make subprocess run a program as this user, and nobody besides."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def let_through(self, path: Path) -> None:
        """Let this user pass through the directories above `path`: pass, not list, and only where that is missing.

        A word is said about every directory changed, except the last, which is ours.
        """
        for directory in reversed(path.resolve().parents):
            state = directory.stat()
            if state.st_uid != self.uid and not state.st_mode & stat.S_IXOTH:
                directory.chmod(stat.S_IMODE(state.st_mode) | stat.S_IXOTH)
                if directory != path.parent:
                    print(f"Postgres cannot run as root; its user may now pass through {directory}", file=sys.stderr)

    def let_read(self, tree: Path) -> None:
        """Let this user read and run what lies in `tree` (an installation made under a strict umask)."""
        for path in (tree, *tree.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if wanted != mode:
                path.chmod(wanted)


def postgres_account(home: Path, binaries: Path) -> Account | None:
    """Whom Postgres must run as to work on `home`: None is ourselves; as root the user `tallyline`, made if missing."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        # A failure is no news when another start made it in the same moment; otherwise the next line says so.
        subprocess.run(["useradd", "--system", "--no-create-home", USER], check=False)
        entry = pwd.getpwnam(USER)
    account = Account(entry.pw_uid, entry.pw_gid)
    account.let_through(home)
    account.let_through(binaries)
    account.let_read(binaries.parent)
    return account
