"""An owner sets up address, colour, menu and logo; what is wrong is said beside its field and nothing typed is lost."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.page_client import page
from venues import commands, logos
from venues.models import Membership, Venue
from venues.standing import VenueLogo

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue(db: None) -> Venue:
    return commands.create_venue(name="Casa Azul", timezone_name="UTC")


def signed_in(venue: Venue, role: str) -> Client:
    client = Client()
    user = commands.create_host(email=f"{role}@example.com", venue=venue, role=role)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def owner(venue: Venue) -> Client:
    return signed_in(venue, Membership.Role.OWNER)


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 100), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 90 if mode == "L" else None).save(out, kind, **options)
    return out.getvalue()


def sent(owner: Client, body: bytes, name: str = "logo.png") -> tuple[int, str]:
    answer = owner.post("/venue/logo", {"picture": SimpleUploadedFile(name, body)})
    return answer.status_code, answer.content.decode()


@pytest.mark.thorough
def test_only_those_whose_role_says_so_set_up_a_venue(venue: Venue, owner: Client) -> None:
    host, stranger = signed_in(venue, Membership.Role.HOST), Client()
    other = commands.create_venue(name="Nonna", timezone_name="UTC")
    for path in ("/venue", "/venue/look", "/venue/logo"):
        assert stranger.post(path).status_code == 403
        assert host.post(path).status_code == 403
        assert owner.post(f"{path}?venue={other.pk}").status_code == 403
        assert owner.post(f"{path}?venue=nonsense").status_code == 403
    assert stranger.get("/venue")["Location"] == "/sign-in?next=/venue"
    assert host.get("/venue").status_code == 403
    assert f'href="/venue?venue={venue.pk}"' in page(owner, "/lines")
    assert 'href="/venue?' not in page(host, "/lines")


def test_name_and_address_are_changed(venue: Venue, owner: Client) -> None:
    answer = owner.post("/venue", {"name": " Casa Roja ", "slug": "https://example.com/v/Casa-Roja/"})
    assert answer["Location"] == f"/venue?venue={venue.pk}"
    venue.refresh_from_db()
    assert (venue.name, venue.slug) == ("Casa Roja", "casa-roja")


@pytest.mark.parametrize(
    ("slug", "said"), [("Ñandú!", "such as casa-azul"), ("admin", "reserved"), ("nonna", "belongs to another venue")]
)
def test_an_address_that_cannot_be_is_told_in_a_sentence_and_the_name_stays_typed(
    slug: str, said: str, owner: Client, venue: Venue
) -> None:
    commands.create_venue(name="Nonna", timezone_name="UTC")
    answer = owner.post("/venue", {"name": "Casa Verde", "slug": slug})
    html = answer.content.decode()
    assert answer.status_code == 400 and said in html and 'value="Casa Verde"' in html
    venue.refresh_from_db()
    assert (venue.name, venue.slug) == ("Casa Azul", "casa-azul")


def test_a_made_up_address_says_so(owner: Client, venue: Venue) -> None:
    assert "made up" not in page(owner, "/venue")
    sushi = commands.create_venue(name="寿司", timezone_name="UTC")
    Membership.objects.update(venue=sushi)
    assert "made up" in page(owner, "/venue")


# ------------------------------------------------------------------------------------------------------------------- look
def test_colour_and_menu_are_on_every_page_of_the_venue(guest: Client, owner: Client, venue: Venue) -> None:
    answer = owner.post("/venue/look", {"accent": "#FFD54A", "menu_url": "casa.example/carta?x=1&y=2"})
    assert answer.status_code == 303
    html = page(guest, "/v/casa-azul")
    assert 'href="/look/1/ffd54a"' in html
    assert 'href="https://casa.example/carta?x=1&amp;y=2"' in html
    css = guest.get("/look/1/ffd54a")
    assert css["Content-Type"].startswith("text/css") and "immutable" in css["Cache-Control"]
    assert css.content.startswith(b":root{--accent:light-dark(#")
    assert "on light pages" in page(owner, "/venue"), "a colour that had to be darker is told"
    assert owner.post("/venue/look", {"accent": "#0c6251", "menu_url": ""}).status_code == 303
    assert "/look/" not in page(guest, "/v/casa-azul"), "our own colour needs no stylesheet"


@pytest.mark.parametrize(
    "menu",
    ["javascript:alert(1)", "JavaScript://casa.example/%0aalert(1)", "data:text/html,x", "ftp://casa.example/", "not an address",
     "//", "http://", "https://casa.example/" + "x" * 500],
)  # fmt: skip
def test_a_menu_is_a_web_address_or_refused_in_a_sentence(menu: str, owner: Client, venue: Venue) -> None:
    answer = owner.post("/venue/look", {"accent": "#112233", "menu_url": menu})
    assert answer.status_code == 400 and 'id="id_menu_url_error"' in answer.content.decode()
    assert 'value="#112233"' in answer.content.decode(), "nothing typed is lost"
    venue.refresh_from_db()
    assert (venue.accent, venue.menu_url) == ("", "")


@pytest.mark.parametrize("colour", ["", "red", "#12345", "#12345g", "#123456;}body{display:none"])
def test_a_colour_is_rrggbb_or_refused_in_a_sentence(colour: str, owner: Client, venue: Venue) -> None:
    assert owner.post("/venue/look", {"accent": colour, "menu_url": ""}).status_code == 400
    assert Venue.objects.get(pk=venue.pk).accent == ""


# ------------------------------------------------------------------------------------------------------------------- logo
@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_made_anew_and_served_for_ever(kind: str, guest: Client, owner: Client, venue: Venue) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret canary"
    assert sent(owner, picture(kind, (3000, 1000), exif=exif), f"logo.{kind}")[0] == 303
    venue.refresh_from_db()
    html = page(guest, "/v/casa-azul")
    assert f'src="/logo/{venue.logo}"' in html
    served = guest.get(f"/logo/{venue.logo}")
    assert (served["Content-Type"], "immutable" in served["Cache-Control"]) == ("image/webp", True)
    assert b"canary" not in served.content and len(served.content) <= logos.KEPT_BYTES
    with Image.open(io.BytesIO(served.content)) as shown:
        assert (shown.format, shown.width <= 640, dict(shown.getexif())) == ("WEBP", True, {})
    owner.post("/venue/logo", {"remove": "yes"})
    assert guest.get(f"/logo/{venue.logo}").status_code == 404 and not VenueLogo.objects.exists()
    assert "/logo/" not in page(guest, "/v/casa-azul")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (SVG, "PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG, JPEG or WebP"),
        (picture()[:60], "PNG, JPEG or WebP"),
        (picture("GIF"), "PNG, JPEG or WebP"),
        (picture("TIFF"), "PNG, JPEG or WebP"),
        (b"", "empty"),
        (picture(size=(6000, 5000), mode="1"), "megapixels"),
        (bytes(logos.MOST_BYTES + 1), "too large: at most 8 MB"),
    ],
    ids=["svg", "no-png", "cut", "gif", "tiff", "empty", "pixels", "bytes"],
)
def test_what_is_no_logo_is_refused_in_a_sentence(body: bytes, said: str, owner: Client, venue: Venue) -> None:
    sent(owner, picture())
    status, html = sent(owner, body)
    assert status == 400 and said in html.split('id="id_picture_error"')[1][:200]
    assert VenueLogo.objects.count() == 1, "the one before stays"


def test_a_transparent_logo_can_be_seen_on_any_ground() -> None:
    for shade, ground in (((0, 0, 0), 255), ((255, 255, 255), 40)):
        drawn = Image.new("RGBA", (200, 100))
        drawn.paste((*shade, 255), (50, 25, 150, 75))
        out = io.BytesIO()
        drawn.save(out, "PNG")
        made = logos.read_logo(io.BytesIO(out.getvalue()), len(out.getvalue()))
        with Image.open(io.BytesIO(made.picture)) as shown:
            edge = shown.convert("L").crop((0, 0, 9, 9)).tobytes()
        assert all(abs(part - ground) < 20 for part in edge)
