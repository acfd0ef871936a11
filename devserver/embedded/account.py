"""The system user that runs Postgres when we are root: Postgres refuses to run as root."""

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
    """A system user by uid and gid."""

    uid: int
    gid: int

    def options(self) -> dict[str, Any]:
        """Arguments with which subprocess runs a program as this user, without further groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def let_through(self, path: Path) -> None:
        """Lets this user traverse the directories above `path` (execute, not read), where that is missing.

        Prints each changed directory, except the last, which is ours.
        """
        for directory in reversed(path.resolve().parents):
            state = directory.stat()
            if state.st_uid != self.uid and not state.st_mode & stat.S_IXOTH:
                directory.chmod(stat.S_IMODE(state.st_mode) | stat.S_IXOTH)
                if directory != path.parent:
                    print(f"Postgres cannot run as root; its user may now pass through {directory}", file=sys.stderr)

    def let_read(self, tree: Path) -> None:
        """Lets this user read and execute the files in `tree` (for installations made under a strict umask)."""
        for path in (tree, *tree.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if wanted != mode:
                path.chmod(wanted)


def postgres_account(home: Path, binaries: Path) -> Account | None:
    """The user that must run Postgres in `home`: None for the current user; as root `tallyline`, created when missing."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        # Fails when another start made the user at the same moment; otherwise the next line raises.
        subprocess.run(["useradd", "--system", "--no-create-home", USER], check=False)
        entry = pwd.getpwnam(USER)
    account = Account(entry.pw_uid, entry.pw_gid)
    account.let_through(home)
    account.let_through(binaries)
    account.let_read(binaries.parent)
    return account
