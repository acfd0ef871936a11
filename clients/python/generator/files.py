"""The generated folder as it is written: formatted, so that a change of the API is a short difference."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from clients.python.generator.models import model_files
from clients.python.generator.operations import operation_files
from clients.python.generator.spelling import Json

OUT = Path(__file__).resolve().parents[1] / "src" / "tallyline_client" / "generated"
ROOT = Path(__file__).resolve().parents[3]


def files_of(document: Json) -> dict[str, str]:
    """The generated folder: texts by paths."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    settings = ["--no-cache", "--quiet", "--config", str(ROOT / "pyproject.toml"), "."]
    with TemporaryDirectory() as written:
        folder = Path(written)
        (folder / "models").mkdir()
        for name, text in (*model_files(document), *operation_files(document)):
            (folder / name).write_text(text)
        for command in (["check", "--select=I", "--fix"], ["format"]):
            subprocess.run([ruff, *command, *settings], check=True, cwd=folder)
        return read(folder)


def read(folder: Path) -> dict[str, str]:
    """All modules of a folder: texts by paths."""
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.py"))}
