"""python -m devserver.embedded [--data-dir DIR | --temporary] -- COMMAND ...

Runs a command with an embedded Postgres and Redis (unless the environment names one), and ends with its exit code.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from core import environment as env
from devserver.embedded import StartError, servers


def main(arguments: list[str]) -> int:
    """Returns the command's exit code (128 + n when signal n ended it); 1 when a server does not start."""
    parser = argparse.ArgumentParser(prog="python -m devserver.embedded", description=__doc__)
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--data-dir", type=Path, help="default: DATA_DIR")
    place.add_argument("--temporary", action="store_true", help="a new directory, removed afterwards")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    try:
        with ExitStack() as stack:
            if options.temporary:
                data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tallyline-"))).resolve()
            else:
                data_dir = (options.data_dir or env.data_dir()).resolve()
            added = stack.enter_context(servers(data_dir))
            return _run(options.command, {**os.environ, "DATA_DIR": str(data_dir), **added})
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _run(command: list[str], environment: dict[str, str]) -> int:
    try:
        child = subprocess.Popen(command, env=environment)
    except OSError as error:
        raise StartError(f"{command[0]}: {error.strerror}") from None
    try:
        code = child.wait()
    except KeyboardInterrupt:
        # A terminal's Ctrl-C has reached the command as well; a SIGTERM to us has not.
        child.terminate()
        code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
