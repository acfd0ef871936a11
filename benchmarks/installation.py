"""The program as it is shipped, for a benchmark."""

import subprocess
import sys
from pathlib import Path

from benchmarks.processes import as_shipped, pinned
from tests.installation import ROOT, Stack


class Installation(Stack):
    """Each process is started by its command of the Procfile. `core`: pins them; None: none."""

    core: int | None = None
    workers = 1

    def launch(self, name: str, log: Path) -> "subprocess.Popen[bytes]":
        """Starts a process on its port."""
        command = pinned(as_shipped(name.rstrip("0123456789"), self.ports[name], workers=self.workers), self.core)
        with log.open("ab") as output:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=output, stderr=output, start_new_session=True
            )

    def pid(self, name: str = "web") -> int:
        """The id of the process (the shell that started it has replaced itself by it)."""
        return self.processes[name].pid

    def inside(self, *words: str) -> str:
        """The output of `python -m benchmarks.inside` in this installation."""
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.inside", *words],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout
