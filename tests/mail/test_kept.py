"""Without a mail server mails wait in DATA_DIR/mail, and a page shows each to those whom it may concern."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from core import clock
from core.actors import SYSTEM
from mail import timers
from mail.models import Mail
from tests.mail.mail_server import perform
from venues import commands
from venues.models import Membership, User, Venue

PASSWORD = "correct horse battery"
ORIGIN = "https://line.example.com"
pytestmark = pytest.mark.django_db


@pytest.fixture
def venue(settings: Settings, tmp_path: Path) -> Venue:
    """With an owner, one pending invitation, and somebody who forgot the password."""
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND, settings.EMAIL_URL = "mail.kept.KeptMail", ""
    made = commands.create_venue(name="Casa Azul", timezone_name="UTC")
    commands.create_host(email="owner@example.com", venue=made, password=PASSWORD, role=Membership.Role.OWNER)
    commands.create_host(email="host@example.com", venue=made, password=PASSWORD)
    commands.create_user(email="boss@example.com", password=PASSWORD, is_staff=True, is_superuser=True)
    commands.invite(venue_id=made.pk, role="host", email="new@example.com", origin=ORIGIN, actor=SYSTEM)
    commands.request_password_reset(email="boss@example.com", origin=ORIGIN)
    perform()
    return made


def reader(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=f"{name}@example.com"))
    return client


def test_a_kept_mail_is_a_file_for_its_system_user_only(venue: Venue, tmp_path: Path) -> None:
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == sorted(f"{each.pk}.eml" for each in Mail.objects.all())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700


def test_an_owner_reads_the_invitations_of_their_venue_and_no_mail_about_passwords(venue: Venue) -> None:
    shown = reader("owner").get("/venue/mail").content.decode()
    assert "new@example.com" in shown and "boss@example.com" not in shown
    invited, reset = Mail.objects.get(kind="invitation"), Mail.objects.get(kind="password_reset")
    page = reader("owner").get(f"/venue/mail/{invited.pk}")
    assert f"{ORIGIN}/invitation/" in page.content.decode()
    assert reader("owner").get(f"/venue/mail/{reset.pk}").status_code == 404
    assert f"{ORIGIN}/password/" in reader("boss").get(f"/venue/mail/{reset.pk}").content.decode()


def test_hosts_other_owners_and_strangers_read_none(venue: Venue) -> None:
    other = commands.create_venue(name="Red Door", timezone_name="UTC")
    commands.create_host(email="other@example.com", venue=other, password=PASSWORD, role=Membership.Role.OWNER)
    invited = Mail.objects.get(kind="invitation")
    assert [reader("host").get(path).status_code for path in ("/venue/mail", f"/venue/mail/{invited.pk}")] == [403, 403]
    assert "new@example.com" not in reader("other").get("/venue/mail").content.decode()
    assert reader("other").get(f"/venue/mail/{invited.pk}").status_code == 404
    assert Client().get("/venue/mail")["Location"] == "/sign-in?next=/venue/mail"


def test_with_a_mail_server_nothing_is_kept_to_be_read(venue: Venue, settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example.com"
    assert "new@example.com" not in reader("boss").get("/venue/mail").content.decode()
    assert reader("boss").get(f"/venue/mail/{Mail.objects.get(kind='invitation').pk}").status_code == 404


def test_a_mail_and_its_file_are_forgotten_after_thirty_days(venue: Venue, tmp_path: Path) -> None:
    old, new = Mail.objects.get(kind="invitation"), Mail.objects.get(kind="password_reset")
    assert timers.forget_old() == 0
    Mail.objects.filter(pk=old.pk).update(posted_at=clock.now() - timedelta(days=31))
    assert timers.forget_old() == 1
    assert [*Mail.objects.all()] == [new]
    assert [file.stem for file in (tmp_path / "mail").iterdir()] == [str(new.pk)]
