"""Icons by name, and the typeface: of hosts' pages and walls, not of guests' (decision 0078)."""

import json
import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client

from core.environment import BASE_DIR
from tests.page_client import page
from tests.queues.page_client import line_by_form

BUILT = BASE_DIR / "frontend" / "dist"
TYPEFACE = re.compile(r'<link rel="(?:preload|stylesheet)" href="(/static/assets/(?:figtree|hosts)-[^"]+)"[^>]*>')


def built(name: str) -> str:
    """The file that the build made of it."""
    file: str = json.loads((BUILT / "assets.json").read_text())[name]["file"]
    return file


def test_the_icons_that_templates_name_are_bundled_and_no_others() -> None:
    """A name that Lucide does not have ends the build already (frontend/icons.ts)."""
    sources = [path.read_text() for path in (BASE_DIR / "templates").rglob("*.html")]
    named = [name for source in sources for name in re.findall(r"{%\s*icon\s+(.*?)\s*%}", source)]
    assert named and all(re.fullmatch(r'"[a-z0-9-]+"', name) for name in named), "the build reads literals only"
    bundled = re.findall(r'<symbol id="([^"]+)"', (BUILT / built("design/icons.svg")).read_text())
    assert bundled == sorted({name.strip('"') for name in named})


def test_an_icon_is_drawn_from_the_one_file_and_not_read_aloud() -> None:
    drawn = Template('{% icon "volume-2" %}').render(Context())
    assert f'<use href="{settings.STATIC_URL}{built("design/icons.svg")}#volume-2"/>' in drawn
    assert 'aria-hidden="true"' in drawn


def test_licences_of_what_we_did_not_draw_are_served() -> None:
    text = (BUILT / "licences.txt").read_text()
    assert "ISC License" in text and "The MIT License" in text and "SIL OPEN FONT LICENSE" in text


@pytest.mark.django_db
def test_guests_phones_load_no_typeface_and_no_icons(client: Client, host: Client) -> None:
    line = line_by_form(host)
    for path in ("", "/ticket", "/leave"):
        assert not TYPEFACE.search(client.get(f"/queue/{line.code}{path}", follow=True).content.decode()), path
    assert not TYPEFACE.search(client.get("/nowhere").content.decode())
    for path in ("/", "/sign-in"):
        found = TYPEFACE.findall(page(client, path))
        assert [each.split("/")[-1].split("-")[0] for each in found] == ["figtree", "hosts"], path
    wall = [each[0] for each in TYPEFACE.finditer(page(client, f"/queue/{line.code}/wall"))]
    assert len(wall) == 2 and all('media="(min-width: 52rem)"' in each for each in wall), "a phone passes by, too"


def test_guests_phones_load_no_script_of_walls() -> None:
    """What walls share is in a file of their own: in the one that all pages share it cost each guest 1.3 KB."""
    made = json.loads((BUILT / "assets.json").read_text())

    def files(name: str) -> set[str]:
        return {made[name]["file"]}.union(*(files(each) for each in made[name].get("imports", ())))

    assert any("/walls-" in file for file in files("wall/line.ts")), "the search itself is broken"
    for entry in (name for name in made if name.startswith("guest/") or name == "poll/vote.ts"):
        assert not [file for file in files(entry) if "/walls-" in file], entry
