"""X10: what `make lint` makes of the reports on dependencies (tests/audit.py)."""

import json

import pytest

from tests import audit

PIP_NONE = {"dependencies": [{"name": "amqp", "skip_reason": "Dependency not found on PyPI"}], "fixes": []}
PIP_CLEAN = {"dependencies": [{"name": "amqp", "version": "5.4.2", "vulns": []}], "fixes": []}
PIP_HOLE = {
    "dependencies": [
        {"name": "amqp", "version": "5.4.2", "vulns": []},
        {
            "name": "django",
            "version": "5.2.1",
            "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["5.2.9"], "aliases": []}],
        },
    ]
}
NPM_NONE = {"statusCode": 405, "error": {"summary": "", "detail": ""}}
NPM_CLEAN = {"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {}}
NPM_HOLE = {"vulnerabilities": {"vite": {"name": "vite", "severity": "high", "range": "<=7.0.1"}}, "metadata": {}}


@pytest.mark.parametrize(
    ("tool", "report", "holes"),
    [
        ("pip-audit", json.dumps(PIP_NONE), None),
        ("pip-audit", "", None),
        ("pip-audit", json.dumps(PIP_CLEAN), []),
        ("pip-audit", json.dumps(PIP_HOLE), ["django 5.2.1: PYSEC-2026-1, mended in 5.2.9"]),
        ("npm audit", json.dumps(NPM_NONE), None),
        ("npm audit", "npm error", None),
        ("npm audit", json.dumps(NPM_CLEAN), []),
        ("npm audit", json.dumps(NPM_HOLE), ["vite: high, <=7.0.1"]),
    ],
)  # fmt: skip
def test_a_report_is_clean_has_holes_or_is_none(
    tool: str, report: str, holes: list[str] | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.found(report, audit.AUDITS[tool][1]) == holes
    monkeypatch.setattr(audit, "AUDITS", {tool: (lambda: report, audit.AUDITS[tool][1])})
    assert audit.main() == (1 if holes else 0)
    printed = capsys.readouterr().out
    assert ("not looked up" in printed) is (holes is None)
    assert all(hole in printed for hole in holes or [])
