"""The file of a backup: what is written is read, and nothing else is."""

import io
import random
import tarfile
from pathlib import Path

import pytest

from config.backups.archive import PIECE_BYTES, members, writing
from config.backups.errors import Refused
from config.backups.sealed import CHUNK_BYTES, SealedReader, SealedWriter

PASSPHRASE = "correct horse battery staple"
# Written by rage, another program of the same format: `printf 'Table 7 is ready\n' | rage -p`, PASSPHRASE.
BY_RAGE = bytes.fromhex(
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e207363727970742042566e3158455a5a5245566b6f776c55"
    "74366c4533512031380a2b63324852644663476337766b6c5471304a4752466551484c4343714253646f793042733974"
    "624f48556f0a2d2d2d20476a4232737378654a44627662716f684755624f634258617a784d2f46686a6247586135306b"
    "376a4955490a78c7f8bfda8a11de268bf6ea629be4a19ce9f3f120d1df231421dc05ab12c4e0b34daae6c7badb2bc45f"
    "9eba0f551ee83e"
)


def sealed(content: bytes) -> bytes:
    """The file that holds this content. A passphrase that is this cheap to try is for tests."""
    file = io.BytesIO()
    writer = SealedWriter(file, PASSPHRASE, work=4)
    writer.write(content)
    writer.finish()
    return file.getvalue()


def unsealed(file: bytes, passphrase: str = PASSPHRASE) -> bytes:
    """The content of a file."""
    return SealedReader(io.BytesIO(file), passphrase).read()


@pytest.mark.parametrize("length", [0, CHUNK_BYTES, 3 * CHUNK_BYTES + 1])
def test_what_is_written_is_read(length: int) -> None:
    content = random.Random(length).randbytes(length)
    assert unsealed(sealed(content)) == content


@pytest.mark.thorough
def test_other_programs_of_the_format_are_understood() -> None:
    assert unsealed(BY_RAGE) == b"Table 7 is ready\n"


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(Refused, match="not the passphrase"):
        unsealed(sealed(b"Table 7"), "correct horse battery stable")


def test_every_byte_and_the_end_are_proved() -> None:
    file = sealed(bytes(2 * CHUNK_BYTES))
    payload = len(file) - 2 * (CHUNK_BYTES + 16)
    assert unsealed(file) == bytes(2 * CHUNK_BYTES)
    for at in [*range(payload + 1), payload + CHUNK_BYTES + 16, len(file) - 1]:
        with pytest.raises(Refused):
            unsealed(changed(file, at))


@pytest.mark.parametrize("left", [0, 100, 200, -1, -(CHUNK_BYTES + 16)])
def test_a_file_that_is_cut_off_is_refused(left: int) -> None:
    with pytest.raises(Refused, match=r"beginning of one|cut off"):
        unsealed(sealed(bytes(2 * CHUNK_BYTES))[:left])


def changed(file: bytes, at: int) -> bytes:
    """The file with another byte there."""
    return file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]


@pytest.mark.thorough
def test_an_archive_holds_files_and_streams_of_any_length(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    stream = random.Random(1).randbytes(PIECE_BYTES + 5)
    with path.open("wb") as file, writing(file, PASSPHRASE) as archive:
        archive.add_stream("default.pgdump", io.BytesIO(stream))
        archive.add("files/mail/1.eml", b"Your table is ready")
        archive.add("manifest.json", b"{}")
    found = {}
    for name, copy in members(path, PASSPHRASE):
        if name != "files/mail/1.eml":  # a member may be passed over
            content = io.BytesIO()
            copy(content)
            found[name] = content.getvalue()
    assert found == {"default.pgdump": stream, "manifest.json": b"{}"}
    assert not tarfile.is_tarfile(path)
