"""core/hashing.py: what is stored by it must be recognised by every later release."""

import hashlib
import hmac

from pytest_django.fixtures import Settings

from core.hashing import keyed


def test_a_keyed_hash_is_an_hmac_under_the_key_of_its_purpose(settings: Settings) -> None:
    settings.SECRET_KEY = "not a secret"
    for purpose, text in (("receipt", "soup"), ("voter:1", ""), ("receipt", "é" * 200), ("host", "\ud800")):
        key = hashlib.sha256(f"tallyline.{purpose}:not a secret".encode()).digest()
        assert keyed(purpose, text) == hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")
