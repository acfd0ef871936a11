"""deploy/nginx.conf against the table of hot paths: it caches only answers that the program marks as public."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from config.edge import ROUTES
from queues import commands
from tests import routes
from tests.installation import ROOT
from tests.polls.api_client import Maker


@pytest.mark.django_db
def test_nginx_keeps_no_answer_that_is_not_marked(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    [location] = re.findall(r"location ~ (\S*snapshot\S*) \{", (ROOT / "deploy/nginx.conf").read_text())
    line = commands.open_line(commands.NewLine(event_name="Friday", max_guests=40))
    poll = Maker().made["id"]
    known = {"code": line.code, "poll": poll, "poll_id": poll, "session_id": poll}
    kept = [
        route for route in ROUTES if route.method == "GET" and re.search(location, routes.filled(route.path, **known))
    ]
    for route in kept:
        assert Client().get(routes.filled(route.path, **known))["X-Accel-Expires"] == "1", route.path
    # Each of its alternatives is a path that there is.
    assert len(kept) == location.count("|") + 1
