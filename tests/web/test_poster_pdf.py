"""The poster as PDF: one sheet of its paper in any script, with the way in as a link."""

import base64
import io
import re
from itertools import product

import pytest
from django.test import Client
from PIL import Image

from tests.installation import FULL
from venues import commands
from web.charts import posters

STEPS = ("Scan the code with your camera.", "Join with your party size.", "Go for a walk.")
LINK = "https://example.com/v/casa-azul"


def logo() -> str:
    out = io.BytesIO()
    Image.new("RGB", (320, 100), "#c2185b").save(out, "WEBP")
    return base64.b64encode(out.getvalue()).decode()


def drawn(sheet: str, title: str, picture: str = "") -> bytes:
    return posters.poster(sheet, "Join the line for", title, LINK, STEPS, "#0c6251", picture)


TITLES = (
    "Casa Azul",
    "寿司 おおくぼ",
    "مطعم الأصدقاء القدامى " * 5,
    "W" * 120,
    "ร้านอาหาร",
    "🍜" * 60,
    "한국 식당",
    "בית קפה",
)
# The small copy draws each title on one of the sheets.
CASES = [
    (sheet, title)
    for (s, sheet), (t, title) in product(enumerate(posters.SHEETS), enumerate(TITLES))
    if FULL or s == t % len(posters.SHEETS)
]


@pytest.mark.faults
@pytest.mark.parametrize(("sheet", "title"), CASES)
def test_each_sheet_is_one_page_of_its_paper(sheet: str, title: str) -> None:
    pdf = drawn(sheet, title.strip()[:120], logo())
    assert pdf.startswith(b"%PDF-") and len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1
    [box, *_] = re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf)
    assert [float(side) for side in box.split()] == pytest.approx([0, 0, *posters.SHEETS[sheet]], abs=0.01)
    assert LINK.encode() in pdf and len(pdf) < 300_000


@pytest.mark.thorough
def test_a_poster_without_a_logo_has_no_picture() -> None:
    assert b"/Subtype /Image" not in drawn("a4", "Casa Azul") and b"/Subtype /Image" in drawn("a4", "Casa Azul", logo())


@pytest.mark.thorough
@pytest.mark.django_db
def test_the_venues_poster_comes_as_a_file_by_any_of_its_addresses() -> None:
    venue = commands.create_venue(name="Casa Azul", timezone_name="UTC")
    commands.change_venue(venue_id=venue.pk, slug="casa-roja")
    guest = Client()
    for path in ("casa-roja/poster.pdf?sheet=tent&language=ja", "casa-azul/poster.pdf", "CASA-ROJA/poster.pdf/"):
        answer = guest.get(f"/v/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-") and b"http://testserver/v/casa-roja" in answer.content
    assert 'filename="casa-roja-tent.pdf"' in guest.get("/v/casa-roja/poster.pdf?sheet=tent")["Content-Disposition"]
    assert guest.get("/v/nowhere/poster.pdf").status_code == 404
