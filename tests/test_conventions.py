"""Conventions of names and files that no linter checks (decision 0050)."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_names_have_at_most_80_letters() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    names = [name for file in files for name in re.findall(r"def (test_\w+)", file.read_text())]
    assert len(names) > 1000
    assert [name for name in names if len(name) > 80] == []


def test_files_have_at_most_300_lines() -> None:
    patterns = ["*.py", "*.ts", "*.css", "*.html", "*.md", "*.toml", "*.yaml", "*.yml", "*.conf", "*.sh", "Makefile"]
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    files = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    lengths = {file: len((ROOT / file).read_text().splitlines()) for file in files if (ROOT / file).exists()}
    assert len(lengths) > 700
    assert {file: length for file, length in lengths.items() if length > 300} == {}
