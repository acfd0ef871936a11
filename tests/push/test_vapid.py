"""Our keys and proofs (RFC 8292), and encryption as browsers undo it (RFC 8291)."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from core.environment import SHARED_SECRETS
from push import checks, encryption, sender, vapid
from reach.notices import Notice
from tests.installation import ROOT
from tests.push.service import Browser, b64, checked_claims, unb64
from tests.warm_start import Program, Programs

RAW = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., tuple[Program, Path]]]:
    """Starts a process of its own that prints the public key: the process and what it prints."""
    code, made = tmp_path / "prints.py", list[Programs]()
    code.write_text("import django; django.setup(); from push import vapid; print(vapid.public_key(), end='')")

    def start(**more: str) -> tuple[Program, Path]:
        left_out = ("DATABASE_URL", "VAPID_PRIVATE_KEY")
        env = {name: value for name, value in os.environ.items() if name not in left_out}
        # One that is prepared for each of them: they read their settings at the same time, too.
        made.append(Programs(cwd=ROOT, env={**env, "DATA_DIR": str(tmp_path), **more}))
        log = tmp_path / f"{len(made)}.log"
        return made[-1].start([str(code)], log=log), log

    yield start
    for programs in made:
        programs.close()


@pytest.mark.program
def test_processes_that_start_together_make_one_key(tmp_path: Path, started: Callable[..., Any]) -> None:
    def printed(process: Program, log: Path) -> str:
        assert process.wait(60) == 0, log.read_text()
        return log.read_text()

    one, other = started(), started()
    first, second = printed(*one), printed(*other)
    assert first == second
    point = unb64(first)
    assert (len(point), point[0]) == (65, 4)
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    path = tmp_path / SHARED_SECRETS["VAPID_PRIVATE_KEY"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "other").mkdir()
    again = started(VAPID_PRIVATE_KEY=path.read_text(), DATA_DIR=str(tmp_path / "other"))
    assert printed(*again) == first, "the file's content may be moved into the variable"


@pytest.mark.parametrize("form", ["raw", "pem", "pem in one line", "der"])
def test_keys_of_other_tools_are_read(settings: Any, form: str) -> None:
    key = ec.derive_private_key(int.from_bytes(unb64(RAW), "big"), ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    der = b64(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    settings.VAPID_PRIVATE_KEY = {"raw": RAW, "pem": pem, "pem in one line": pem.replace("\n", "\\n"), "der": der}[form]
    assert (
        vapid.public_key() == "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    )


def test_nonsense_is_said_at_start_and_not_repeated(settings: Any) -> None:
    assert checks.check_push_settings() == []
    settings.VAPID_PRIVATE_KEY = "not a key"
    settings.VAPID_SUBJECT = "somebody"
    settings.PUSH_EXTRA_HOSTS = ["http://push.example/"]
    found = checks.check_push_settings()
    assert [problem.id for problem in found] == ["push.E001", "push.E002", "push.E003"]
    assert "not a key" not in str(found)


def test_a_proof_is_good_for_hours_and_made_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAPID_PRIVATE_KEY = RAW
    origin = "https://fcm.googleapis.com"
    header = vapid.authorization(origin)
    claims = checked_claims(header, origin=origin, public_key=vapid.public_key())
    assert claims["sub"] == settings.VAPID_SUBJECT
    assert vapid.authorization(origin) is header
    assert vapid.authorization("https://web.push.apple.com") != header
    later = claims["exp"] - 60
    monkeypatch.setattr("push.vapid.time.time", lambda: later)
    assert vapid.authorization(origin) != header, "made anew long before it ends"


def test_a_browser_opens_what_was_sealed() -> None:
    browser = Browser("https://push.example")
    sealed = encryption.encrypt(b'{"kind":"test"}', p256dh=browser.p256dh, auth=browser.auth)
    assert browser.open(sealed) == {"kind": "test"}
    again = encryption.encrypt(b'{"kind":"test"}', p256dh=browser.p256dh, auth=browser.auth)
    assert sealed[21:86] != again[21:86], "each message has a new key"


def test_encryption_is_that_of_the_rfc() -> None:
    """RFC 8291, appendix A; and the tests' own decryption is too."""
    message = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
        "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    browser = ec.derive_private_key(int.from_bytes(unb64(RAW), "big"), ec.SECP256R1())
    point = b64(browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    auth = "BTBZMqHH6r4Tts7J_aSIgg"
    words = b"When I grow up, I want to be a watermelon"
    sender_key = ec.derive_private_key(
        int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    sealed = encryption.encrypt(words, p256dh=point, auth=auth, key=sender_key, salt=unb64("DGv6ra1nlYgDCS1FRnbzlw"))
    assert b64(sealed) == message
    assert http_ece.decrypt(sealed, private_key=browser, auth_secret=unb64(auth), version="aes128gcm") == words


def test_a_message_fits_what_push_services_take() -> None:
    browser = Browser("https://push.example")
    empty = len(sender.payload(Notice(kind="test", title="", body="", url="", ttl_s=1)))
    longest = Notice(kind="test", title="", body="x" * (encryption.LONGEST_PAYLOAD - empty), url="", ttl_s=1)
    assert len(encryption.encrypt(sender.payload(longest), p256dh=browser.p256dh, auth=browser.auth)) == 4096
    with pytest.raises(ValueError, match="at most"):
        sender.payload(Notice(kind="test", title="x", body=longest.body, url="", ttl_s=1))
