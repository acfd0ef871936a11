"""What compose, the chart, the units, the alerts and the dashboard name is what the program has. `make lint` gives the files to
their own tools (tests/deploy/lint.py), `make container` runs the image."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from honcho.environ import parse_procfile

from core.environment import BASE_DIR
from realtime import metrics

DEPLOY = BASE_DIR / "deploy"
PROCESSES = parse_procfile((BASE_DIR / "Procfile").read_text()).processes
# Of Python, and of the programs that compose brings along.
NOT_OURS = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "POSTGRES_PASSWORD", "TALLYLINE_IMAGE"}


def load(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())


def assigned(name: str) -> set[str]:
    """NAME of each `NAME=` in a file of deploy/."""
    return set(re.findall(r"(?<![\w$-])([A-Z][A-Z_]+)=", (DEPLOY / name).read_text()))


def ours_in_compose() -> Iterator[dict[str, Any]]:
    """The services of compose that run this program."""
    for service in load("compose.yaml")["services"].values():
        if "TALLYLINE_IMAGE" in service["image"]:
            yield service


def test_variables_are_those_of_the_operations_page() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (BASE_DIR / "docs/variables.md").read_text(), re.MULTILINE))
    named = {
        "the example": assigned("tallyline.env.example"),
        "the image": assigned("Containerfile") - {"BASE", "NPM"},
        "compose": {name for service in ours_in_compose() for name in service["environment"]},
        "the chart": {*load("helm/tallyline/values.yaml")["env"], "ALLOWED_HOSTS"},
        "systemd": assigned("systemd/tallyline-.service.d/hardened.conf"),
    }
    assert all(named.values()), "the search itself is broken"
    assert {where: names - documented - NOT_OURS for where, names in named.items()} == dict.fromkeys(named, set())


def test_each_process_of_the_procfile_is_in_each_box() -> None:
    in_compose = {service["command"][0]: service["command"][1:] for service in ours_in_compose()}
    assert in_compose.pop("migrate") == ["--no-input"]
    assert in_compose == {name: [] for name in PROCESSES}
    assert set(load("helm/tallyline/values.yaml")["processes"]) == set(PROCESSES)
    wanted = re.search("^Wants=(.*)$", (DEPLOY / "systemd/tallyline.target").read_text(), re.MULTILINE)
    assert wanted is not None
    assert wanted[1].split() == [f"tallyline-{name}.service" for name in PROCESSES]
    for name in PROCESSES:
        assert (
            f"\nExecStart=/srv/tallyline/deploy/start {name}\n"
            in (DEPLOY / f"systemd/tallyline-{name}.service").read_text()
        )


@pytest.mark.parametrize("name", [*PROCESSES, "migrate"])
def test_start_runs_the_command_of_the_procfile(name: str, tmp_path: Path) -> None:
    """The programs are replaced by one that prints how it was called."""
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/start").symlink_to(DEPLOY / "start")
    (tmp_path / "Procfile").symlink_to(BASE_DIR / "Procfile")
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for program in ("uvicorn", "celery", "python"):
        (programs / program).write_text(
            '#!/bin/sh\necho "exec ${0##*/} $* as $PROCESS_NAME; ${PROMETHEUS_MULTIPROC_DIR-}"\n'
        )
        (programs / program).chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "PORT": "81", "WEB_WORKERS": "2", "DATA_DIR": str(tmp_path)}
    arguments = [] if name in PROCESSES else ["--no-input"]
    started = subprocess.run(
        [tmp_path / "deploy/start", name, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    expected = PROCESSES.get(name, "exec python manage.py migrate --no-input")
    for variable, value in (("HOST", "127.0.0.1"), ("PORT", "81"), ("WEB_WORKERS", "2")):
        expected = expected.replace(f'"${variable}"', value)
    folder = tmp_path / "metrics" if name == "web" else ""
    assert started.stdout == f"{expected} as {name}; {folder}\n"
    assert (tmp_path / "metrics").exists() == (name == "web")


def test_alerts_and_the_dashboard_name_metrics_that_are_there() -> None:
    text = metrics.exposition()[1].decode()
    families = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    exposed = {
        f"{family}{suffix}"
        for family, kind in families.items()
        for suffix in (("_bucket", "_sum", "_count") if kind == "histogram" else ("",))
    }
    files = [DEPLOY / "prometheus/alerts.yaml", DEPLOY / "grafana/tallyline.json"]
    for file in files:
        named = set(re.findall(r"\b((?:tallyline|process)_[a-z_]+)\b", file.read_text()))
        assert len(named) > 8, "the search itself is broken"
        assert named - exposed == set()


def test_each_alert_is_explained() -> None:
    alerts = [rule["alert"] for group in load("prometheus/alerts.yaml")["groups"] for rule in group["rules"]]
    explained = re.findall(r"^\| `(Tallyline\w+)` \|", (BASE_DIR / "docs/operations.md").read_text(), re.MULTILINE)
    assert explained == alerts
