"""The page that shows every part: only with DEBUG, and under the same policy as every page."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.installation import ROOT

# Pages that do not load design/hosts.css, or on wide screens only.
WITHOUT_HOSTS_STYLES = "*.html guest/* kiosk/* wall/* errors/* mail/end.html room/[!hn]* poll/[vr]* poll/_[rq]*"


def test_it_is_not_there_in_production(client: Client) -> None:
    assert client.get("/design").status_code == 404


@pytest.mark.parametrize(
    ("query", "root"),
    [
        ("", '<html lang="en-gb">'),
        ("?theme=dark", '<html lang="en-gb" data-theme="dark">'),
        ("?theme=light&dir=rtl", '<html lang="en-gb" data-theme="light" dir="rtl">'),
        ("?theme=%22%3E&dir=%22%3E", '<html lang="en-gb">'),
    ],
)
def test_it_shows_every_part_by_day_by_night_and_from_right_to_left(
    client: Client, settings: Settings, query: str, root: str
) -> None:
    settings.DEBUG = True
    answer = client.get(f"/design{query}")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert root in html
    for part in (
        "button-primary", "button-danger", "button-warn", "button-quiet", "field-wrong", "stepper", "notice-error", "banner",
        "fresh stale", "tag-warn", "asked", "hero", "place-number", "called", "bar-fill", "worm", "say-button", "<dialog",
        "ticket-card",
    ):  # fmt: skip
        assert part in html, part
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html)


def test_pages_without_hosts_styles_use_no_part_of_hosts_pages() -> None:
    style = (ROOT / "frontend/design/host_parts.css").read_text()
    parts = set(re.findall(r"^ *\.([\w-]+)", style, re.MULTILINE))
    assert {"tabs", "row-link", "host-link", "overtaken"} <= parts
    files = [file for pattern in WITHOUT_HOSTS_STYLES.split() for file in (ROOT / "templates").glob(pattern)]
    assert len(files) > 50
    for file in files:
        used = re.findall(r'class="([^"]*)"', file.read_text())
        assert parts.isdisjoint(re.findall(r"[\w-]+", " ".join(used))), file
