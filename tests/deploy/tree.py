"""Runs programs in a mounted image as a container runtime does: own mounts and process ids, a read-only root, a user that is
not root. The network is this machine's."""

import signal
import subprocess
from contextlib import ExitStack
from pathlib import Path

import psutil

# $1: the root, $2: what is mounted at /data, $3: ro or rw, $4: the user. The rest is the command.
INSIDE = """
set -eu
root=$1 data=$2 mode=$3 user=$4; shift 4
mount --bind "$root" "$root"
mount -t tmpfs tmpfs "$root/tmp"
if [ -d "$root/data" ]; then mount --bind "$data" "$root/data"; fi
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for each in null zero urandom random; do touch "$root/dev/$each"; mount --bind "/dev/$each" "$root/dev/$each"; done
ln -s /proc/self/fd "$root/dev/fd"
mkdir -m 1777 "$root/dev/shm"
mount -o "remount,bind,$mode" "$root"
exec chroot --userspec="$user" "$root" /usr/bin/env -i "$@"
"""


class Process:
    """A running program."""

    def __init__(self, popen: "subprocess.Popen[str]") -> None:
        self._popen = popen

    def _first(self) -> psutil.Process:
        """The container's process 1."""
        return psutil.Process(self._popen.pid).children()[0]

    def memory_mb(self) -> float:
        """Proportional set size of it and its children, in MB."""
        first = self._first()
        return float(sum(each.memory_full_info().pss for each in (first, *first.children(recursive=True))) / 1e6)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when that does not help."""
        try:
            self.end(signal.SIGTERM)
        except subprocess.TimeoutExpired:
            self.end(signal.SIGKILL)

    def end(self, number: signal.Signals) -> int:
        """Sends the signal and waits 15 s at most for the end; returns the exit code."""
        if self._popen.poll() is None:
            self._first().send_signal(number)
        return self._popen.wait(15)


class Tree:
    """A mounted image. Programs start in `folder`."""

    def __init__(self, root: Path, folder: str) -> None:
        self.root, self._folder = root, folder

    def start(
        self,
        stack: ExitStack,
        command: list[str],
        *,
        user: str,
        data: Path,
        environment: dict[str, str],
        writable: bool = False,
    ) -> Process:
        """Starts a program, which is stopped when `stack` is closed."""
        words = self._words(command, user, data, environment, writable=writable)
        process = Process(subprocess.Popen(words, stdin=subprocess.DEVNULL, text=True))
        stack.callback(process.stop)
        return process

    def run(
        self, command: list[str], *, user: str, data: Path, environment: dict[str, str], writable: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a program to its end."""
        words = self._words(command, user, data, environment, writable=writable)
        return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

    def _words(
        self, command: list[str], user: str, data: Path, environment: dict[str, str], *, writable: bool
    ) -> list[str]:
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables = [f"{name}={value}" for name, value in {"PATH": path, **environment}.items()]
        inside = [str(self.root), str(data), "rw" if writable else "ro", user]
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private"]
        return [*unshare, "sh", "-c", INSIDE, "tree", *inside, f"--chdir={self._folder}", *variables, *command]
