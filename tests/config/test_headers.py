"""X9: what every page tells the browser to refuse, and Django's own check of a deployment."""

import os

import pytest
from django.test import Client

from tests.installation import ROOT
from tests.warm_start import run_alone

WANTED = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/sign-in", "/polls/new", "/rooms/new", "/nowhere", "/queue?code=ZZZZZZ"])
def test_every_page_carries_the_headers(path: str) -> None:
    answer = Client().get(path)
    assert {name: answer.get(name) for name in WANTED} == WANTED
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "object-src 'none'" in policy
    allowed = answer["Permissions-Policy"]
    assert "camera=()" in allowed and "geolocation=()" in allowed and "screen-wake-lock=(self)" in allowed


@pytest.mark.program
def test_a_deployment_behind_tls_passes_djangos_check() -> None:
    command = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = run_alone(command, cwd=ROOT, env={**os.environ, "HTTPS": "on", "TRUSTED_PROXIES": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
