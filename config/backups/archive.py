"""What is inside the encrypted file: a tar archive, written and read as a stream.

`NAME.pgdump/000000`, `000001` ...: pg_dump's archive of a database, in pieces, for a tar member's size must be known before it
is written. `files/...`: files of DATA_DIR. `manifest.json`, the last: what there must be.
"""

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, groupby
from pathlib import Path
from typing import IO, BinaryIO

from config.backups.errors import Refused
from config.backups.sealed import SealedReader, SealedWriter

PIECE_BYTES = 8 * 1024 * 1024


class Archive:
    """An archive that is written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, content: bytes) -> None:
        """Stores a file as a whole."""
        member = tarfile.TarInfo(name)
        member.size = len(content)
        member.mode = 0o600
        self._tar.addfile(member, io.BytesIO(content))

    def add_stream(self, name: str, source: IO[bytes]) -> None:
        """Stores what `source` gives; its length need not be known."""
        for number in count():
            piece = source.read(PIECE_BYTES)
            if not piece:
                return
            self.add(f"{name}/{number:06}", piece)


@contextmanager
def writing(file: BinaryIO, passphrase: str) -> Iterator[Archive]:
    """A new archive in an empty file, complete at the end of the block. Raises OSError."""
    sealed = SealedWriter(file, passphrase)
    with tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        yield Archive(tar)
    sealed.finish()


Copy = Callable[[IO[bytes]], None]


def members(path: Path, passphrase: str) -> Iterator[tuple[str, Copy]]:
    """(name, function that writes the content to a file) of each member, in order; a stream's pieces are one.

    Use each function before the next member, or not at all. Raises Refused, at the latest at the end.
    """
    try:
        file = path.open("rb")
    except OSError as problem:
        raise Refused(f"{path} cannot be read: {problem.strerror}.") from None
    with file:
        sealed = SealedReader(file, passphrase)
        with tarfile.open(fileobj=sealed, mode="r|") as tar:
            for name, pieces in groupby(tar, key=_whole):
                yield name, _copier(tar, pieces)
        while sealed.read(PIECE_BYTES):
            pass


def _whole(member: tarfile.TarInfo) -> str:
    """The name without the number of a piece."""
    folder, _, last = member.name.rpartition("/")
    return folder if folder.endswith(".pgdump") else member.name


def _copier(tar: tarfile.TarFile, pieces: Iterator[tarfile.TarInfo]) -> Copy:
    def copy(target: IO[bytes]) -> None:
        for piece in pieces:
            source = tar.extractfile(piece)
            while source and (data := source.read(1024 * 1024)):
                target.write(data)

    return copy
