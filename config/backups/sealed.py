"""The file of a backup, encrypted with a passphrase in the age format (https://age-encryption.org/v1), of which this is the part
that a backup needs: `age --decrypt` opens it, too. Every byte is authenticated, and so is the end.
"""

import base64
import hashlib
import hmac
import io
import os
import re
import sys
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from config.backups.errors import Refused

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
# scrypt's cost: 2^17 rounds take 0.4 s and 128 MiB. A file that asks for more than 2^22 is not one of ours.
WORK, MOST_WORK = 17, 22
_HEADER = re.compile(
    rb"(age-encryption\.org/v1\n-> scrypt ([\w+/]{22}) (\d{1,2})\n([\w+/]{43})\n---) ([\w+/]{43})\n", re.ASCII
)


class SealedWriter(io.BufferedIOBase):
    """Encrypts what is written to it. `finish` ends the file; a file without that end is refused."""

    def __init__(self, file: BinaryIO, passphrase: str, *, work: int = WORK) -> None:
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
        wrapped = ChaCha20Poly1305(_passphrase_key(passphrase, salt, work)).encrypt(bytes(12), file_key, None)
        header = b"age-encryption.org/v1\n-> scrypt %s %d\n%s\n---" % (_base64(salt), work, _base64(wrapped))
        file.write(b"%s %s\n%s" % (header, _base64(_mac(file_key, header)), nonce))
        self._file, self._chunks, self._pending = file, _Chunks(file_key, nonce), bytearray()

    def write(self, data: "ReadableBuffer", /) -> int:
        """Takes all of `data`. Raises OSError."""
        before = len(self._pending)
        self._pending += memoryview(data)
        taken = len(self._pending) - before
        while (
            len(self._pending) > CHUNK_BYTES
        ):  # the last chunk is marked as such, so a full one waits for what follows
            self._file.write(self._chunks.encrypt(bytes(self._pending[:CHUNK_BYTES]), last=False))
            del self._pending[:CHUNK_BYTES]
        return taken

    def finish(self) -> None:
        """Writes the last chunk. Raises OSError."""
        self._file.write(self._chunks.encrypt(bytes(self._pending), last=True))


class SealedReader(io.BufferedIOBase):
    """Decrypts. Nothing that it returns has been changed; only after its end is it sure that nothing is missing."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        """Raises Refused: no backup, or another passphrase."""
        begin = file.read(512)
        header = _HEADER.match(begin)
        if not header or int(header[3]) > MOST_WORK or len(begin) < header.end() + 16:
            raise Refused("This is not a backup, or only the beginning of one.")
        salt, work, wrapped = base64.b64decode(header[2] + b"=="), int(header[3]), base64.b64decode(header[4] + b"=")
        try:
            file_key = ChaCha20Poly1305(_passphrase_key(passphrase, salt, work)).decrypt(bytes(12), wrapped, None)
        except InvalidTag:
            raise Refused(
                "This is not the passphrase of the backup, or the beginning of the file was changed."
            ) from None
        if not hmac.compare_digest(_base64(_mac(file_key, header[1])), header[5]):
            raise Refused("The backup is damaged: the beginning of the file was changed.")
        self._file, self._chunks = file, _Chunks(file_key, begin[header.end() : header.end() + 16])
        file.seek(header.end() + 16)
        self._next, self._plain, self._over = file.read(CHUNK_BYTES + TAG_BYTES), b"", False

    def read(self, size: int | None = -1, /) -> bytes:
        """All, or at most `size` bytes; none at the end. Raises Refused when the file is cut off or was changed."""
        wanted = sys.maxsize if size is None or size < 0 else size
        while len(self._plain) < wanted and not self._over:
            chunk, self._next = self._next, self._file.read(CHUNK_BYTES + TAG_BYTES)
            self._over = not self._next
            self._plain += self._chunks.decrypt(chunk, last=self._over)
        given, self._plain = self._plain[:wanted], self._plain[wanted:]
        return given


class _Chunks:
    """The payload's encryption: each chunk under its number, the last one marked."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher, self._number = ChaCha20Poly1305(_derived(file_key, nonce, b"payload")), 0

    def _nonce(self, last: bool) -> bytes:
        self._number += 1
        return (self._number - 1).to_bytes(11, "big") + bytes([last])

    def encrypt(self, plain: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last), plain, None)

    def decrypt(self, chunk: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last), chunk, None)
        except InvalidTag:
            raise Refused("The backup is damaged: the file is cut off, or was changed.") from None


def _passphrase_key(passphrase: str, salt: bytes, work: int) -> bytes:
    kdf = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=2**work, r=8, p=1)
    return kdf.derive(passphrase.encode())


def _derived(file_key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(file_key)


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), header, hashlib.sha256)


def _base64(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")
