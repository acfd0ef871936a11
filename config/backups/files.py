"""What DATA_DIR holds and Postgres does not: mails kept without a mail server and, as secrets, keys and the demo's sign-in.

Left out: the embedded servers' own folders and passwords, which a new installation makes; metrics, logs, collected static files.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from django.conf import settings

from core.environment import SHARED_SECRETS

FOLDERS = ("mail",)
DEMO = ("demo.json", "demo_sign_in")


def contents(*, with_secrets: bool) -> Iterator[tuple[str, bytes]]:
    """(name in DATA_DIR, content) of each file. Keys are those in use, from the environment or from DATA_DIR."""
    if with_secrets:
        for variable, name in SHARED_SECRETS.items():
            yield name, getattr(settings, variable).encode()
    for path in [*_in_folders(), *(settings.DATA_DIR / name for name in DEMO if with_secrets)]:
        try:
            yield str(path.relative_to(settings.DATA_DIR)), path.read_bytes()
        except FileNotFoundError:  # not there, or deleted since
            continue


def put(unpacked: dict[str, Path]) -> None:
    """Moves files, which lie on the disk of DATA_DIR, to their places. In FOLDERS no others stay: only the databases that were
    replaced know of them."""
    for path in _in_folders():
        path.unlink(missing_ok=True)
    for name, new in unpacked.items():
        target = place(name)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        new.chmod(0o600)
        new.replace(target)


def place(name: str) -> Path:
    """Where a file of a backup belongs. Raises ValueError for a name that no backup has."""
    path = PurePosixPath(name)
    if name not in {*SHARED_SECRETS.values(), *DEMO} and not (str(path.parent) in FOLDERS and path.name != ".."):
        raise ValueError(name)
    folder: Path = settings.DATA_DIR
    return folder / path


def keeps_key() -> bool:
    """Whether SECRET_KEY is the one that DATA_DIR keeps, which a restored one replaces."""
    kept: Path = settings.DATA_DIR / SHARED_SECRETS["SECRET_KEY"]
    return kept.is_file() and kept.read_text().strip() == settings.SECRET_KEY


def kept_keys() -> dict[str, str]:
    """The variables of the keys that DATA_DIR keeps."""
    paths = {variable: settings.DATA_DIR / name for variable, name in SHARED_SECRETS.items()}
    return {variable: path.read_text().strip() for variable, path in paths.items() if path.is_file()}


def _in_folders() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((settings.DATA_DIR / folder).glob("*")) if path.is_file()]
