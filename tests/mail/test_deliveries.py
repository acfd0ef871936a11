"""Mails are posted with the state and given to a real mail server by an effect, once each; no token and no address leaks on the
way."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from core.actors import SYSTEM
from mail import commands, in_time
from mail.models import Mail
from outbox.models import Effect
from outbox.record import OutsideTransaction
from tests.mail.mail_server import MailServer, perform
from venues import commands as venue_commands

ADDRESS = "ana@example.com"
pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with MailServer().running() as made:
        settings.EMAIL_BACKEND = "mail.in_time.InTime"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
        yield made


@pytest.fixture
def forgotten() -> None:
    """An account whose owner asks for a new password."""
    venue_commands.create_user(email=ADDRESS, password="correct horse battery")
    venue_commands.request_password_reset(email=" Ana@Example.com ", origin="https://line.example.com")


def test_a_mail_is_sent_once_and_its_text_is_stored_nowhere(server: MailServer, forgotten: None) -> None:
    perform()
    (message,) = server.received
    assert message["To"] == ADDRESS
    assert message["Message-ID"] == f"<{Mail.objects.get().pk}@line.example.com>"
    text = message.get_content()
    assert "https://line.example.com/password/" in text
    token = text.split("/password/")[1].split()[0].split("/")[1]
    row = Mail.objects.values().get()
    assert row["result"] == "sent" and token not in str(row)
    assert token not in str([*Effect.objects.values("last_error", "event__data", "event__changes")])
    Effect.objects.update(status=Effect.Status.PENDING, leased_until=None)
    perform()
    assert len(server.received) == 1


def test_a_server_that_cannot_take_it_now_is_asked_again(server: MailServer, forgotten: None) -> None:
    server.refusal = f"451 {ADDRESS}: come back later"
    perform()
    waiting = Effect.objects.get(name="mail")
    assert (waiting.status, waiting.attempts, Mail.objects.get().settled_at) == ("pending", 1, None)
    assert waiting.last_error == "SMTPRecipientsRefused 451"
    server.refusal = ""
    perform()
    assert len(server.received) == 1


def test_a_server_that_never_takes_it_is_not_asked_again(server: MailServer, forgotten: None) -> None:
    server.refusal = f"550 no such user {ADDRESS}"
    perform()
    assert Effect.objects.get(name="mail").status == "done"
    assert [*Mail.objects.values_list("result", "detail")] == [("refused", "SMTPRecipientsRefused 550")]


def test_a_server_that_is_away_is_asked_again(settings: Settings, server: MailServer, forgotten: None) -> None:
    settings.EMAIL_PORT = 1
    perform()
    assert Effect.objects.get(name="mail").last_error == "ConnectionRefusedError"
    settings.EMAIL_PORT = server.port
    perform()
    assert len(server.received) == 1


def test_a_mail_that_was_taken_is_sent_though_the_goodbye_hangs(
    settings: Settings, server: MailServer, forgotten: None
) -> None:
    settings.EMAIL_TIMEOUT, server.slow_s = 0.5, {"QUIT": 2}
    perform()
    assert (len(server.received), Mail.objects.get().result) == (1, "sent")


def test_a_letter_has_an_end_and_one_that_was_taken_too_late_keeps_its_name(
    settings: Settings, server: MailServer, forgotten: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_TIMEOUT = None  # of one answer: nothing but the letter's own time ends the wait
    monkeypatch.setattr(in_time, "LETTER_S", 2.0)
    server.slow_s = {"DATA": 600}
    perform()
    assert Effect.objects.get(name="mail").last_error == "SMTPServerDisconnected"
    server.slow_s = {}
    perform()
    assert len({mail["Message-ID"] for mail in server.received}) == 1 and len(server.received) == 2
    assert Mail.objects.get().result == "sent"


def test_a_mail_for_the_same_reason_is_posted_once() -> None:
    reason = {
        "kind": "password_reset",
        "to": ADDRESS,
        "origin": "https://x.example",
        "once": "because",
        "actor": SYSTEM,
    }
    with transaction.atomic():
        assert [commands.post(**reason), commands.post(**reason)] == [True, False]  # type: ignore[arg-type]
    assert Effect.objects.filter(name="mail").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_posted_in_the_transaction_of_what_it_tells() -> None:
    with pytest.raises(OutsideTransaction):
        commands.post(kind="password_reset", to=ADDRESS, origin="https://x.example", once="x", actor=SYSTEM)
