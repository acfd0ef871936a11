"""`python -m tests.deploy.lint`, in `make lint`: the files of deploy/, each read by the tool it is written for. A tool that this
machine lacks is named, and its file is not checked; with CI set, that fails.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tests.installation import ROOT

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm/tallyline"
# `systemd-analyze security` in tenths of its points, 0 to 100; it calls up to 20 OK.
EXPOSURE = 15


def main() -> int:
    """1 when a tool finds something, or is missing in CI."""
    code = 0
    for check in (containerfile, compose, chart, units, prometheus):
        try:
            wrong = check()
        except (FileNotFoundError, ModuleNotFoundError) as problem:
            lacking = problem.filename if isinstance(problem, FileNotFoundError) else problem.name
            print(f"{lacking} is missing: the {check.__name__} of deploy/ is not checked.")
            code |= "CI" in os.environ
        else:
            print(*wrong, sep="\n", end="\n" if wrong else "")
            code |= bool(wrong)
    return code


def containerfile() -> list[str]:
    """By hadolint."""
    return _said("hadolint", str(DEPLOY / "Containerfile"))


def compose() -> list[str]:
    """By the schema of the Compose specification, which check-jsonschema ships."""
    return _said("check-jsonschema", "--builtin-schema=vendor.compose-spec", str(DEPLOY / "compose.yaml"))


def manifests(**values: Any) -> list[dict[str, Any]]:
    """What Helm makes of the chart with these values."""
    import helm_python as helm  # imported here: it has no wheel for some machines

    with helm.Chart.load(str(CHART)) as loaded:
        rendered = loaded.render(values, name="tallyline", namespace="tallyline")
    texts = [text for name, text in rendered.items() if name.endswith(".yaml")]
    return [each for text in texts for each in yaml.safe_load_all(text) if each]


def chart() -> list[str]:
    """By Helm's own linter; then each manifest by the schemas of the oldest and the newest Kubernetes."""
    import helm_python as helm
    import kubernetes_validate

    wrong = [f"{CHART}: {each['error']}" for each in helm.lint(str(CHART))["messages"] if each["severity"] > 1]
    bare = {"ingress": {"enabled": False}, "autoscaling": {"enabled": False}, "networkPolicy": {"enabled": False}}
    for values in ({}, bare):
        for manifest in manifests(**values):
            for version in ("1.27", kubernetes_validate.latest_version()):
                try:
                    kubernetes_validate.validate(manifest, version, strict=True)
                except kubernetes_validate.ValidationError as problem:
                    wrong.append(f"{CHART}: {manifest['kind']} in Kubernetes {version}: {problem.message}")
    return wrong


def units() -> list[str]:
    """By systemd-analyze: no errors, and services that may do little. The units stand in a root made for them."""
    _said("systemd-analyze", "--version")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
        shutil.copytree(DEPLOY / "systemd", root / "etc/systemd/system")
        (root / "srv/tallyline/deploy").mkdir(parents=True)
        shutil.copy(DEPLOY / "start", root / "srv/tallyline/deploy")
        (root / "lib").symlink_to("usr/lib")
        names = [path.name for path in sorted(DEPLOY.glob("systemd/tallyline*.*")) if path.is_file()]
        how = f"--root={root}"
        wrong = _said("systemd-analyze", "verify", "--man=no", how, *names)
        limit = ["--offline=true", "--no-pager", f"--threshold={EXPOSURE}"]
        for name in names:
            if name.endswith(".service"):
                wrong += _said("systemd-analyze", "security", *limit, how, name)[-1:]
        return wrong


def prometheus() -> list[str]:
    """By promtool: the alerts, when they fire (tests/deploy/alerts.yaml), and the dashboard's expressions as rules."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rules:
        panels = json.loads((DEPLOY / "grafana/tallyline.json").read_text())["panels"]
        expressions = [
            target["expr"].replace("$__rate_interval", "5m") for panel in panels for target in panel["targets"]
        ]
        json.dump(
            {"groups": [{"name": "panels", "rules": [{"record": "x", "expr": each} for each in expressions]}]}, rules
        )
        rules.flush()
        wrong = _said("promtool", "check", "rules", str(DEPLOY / "prometheus/alerts.yaml"), rules.name)
    return wrong + _said("promtool", "test", "rules", str(ROOT / "tests/deploy/alerts.yaml"))


def _said(tool: str, *arguments: str) -> list[str]:
    """What a tool prints when it fails, a line each, with its name before them."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [tool, *arguments], capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
    )
    if done.returncode == 0:
        return []
    said = (done.stdout + done.stderr).splitlines() or [f"ended with {done.returncode}"]
    return [f"{tool}: {line}" for line in said if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
