"""Reads the process environment: variables, their parsing and their defaults.

Every variable is listed, with its meaning, in docs/variables.md; a test fails when one is missing there.
"""

import fcntl
import json
import os
import re
import resource
import secrets
import tempfile
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import urlsplit

from environ import Env
from psycopg.conninfo import conninfo_to_dict

from core.numbers import whole_number

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    """The variable `name`, stripped; `default` when it is unset or blank."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """A yes/no variable. Raises ValueError for any other word: a typing error must not turn safety off."""
    word = text(name, "on" if default else "off").lower()
    if word in {"on", "1", "true", "yes"}:
        return True
    if word in {"off", "0", "false", "no"}:
        return False
    raise ValueError(f"{name} must be on or off, not {word!r}")


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within bounds. Raises ValueError naming the variable and the bounds when it is something else."""
    try:
        return whole_number(text(name, str(default)), least=least, most=most)
    except ValueError as problem:
        raise ValueError(f"{name} {problem}") from None


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database_urls(name: str) -> list[str]:
    """A comma-separated list of libpq URLs. A URL may itself list hosts with commas."""
    return [url.strip() for url in re.split(r",(?=\s*postgres(?:ql)?://)", text(name)) if url.strip()]


def open_files() -> int:
    """How many files and connections this process may have open (`ulimit -n`)."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else 2**31


def data_dir() -> Path:
    """The folder of generated keys and of the embedded Postgres and Redis."""
    return Path(text("DATA_DIR", str(BASE_DIR / ".data"))).expanduser().resolve()


def folder(name: str) -> Path | None:
    """The folder in variable `name`; None when it is unset."""
    return Path(given).expanduser().resolve() if (given := text(name)) else None


def temporary_files_in(folder: Path) -> None:
    """Long bodies wait in `folder` where the system has no place for temporary files (a read-only root file system)."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = str(folder)


def made_in(folder: Path, otherwise: Path, name: str) -> Path:
    """The path of `name` in `folder`, where it exists (an image brings it along) or can be made; else in `otherwise`."""
    made = folder / name
    return made if made.exists() or os.access(folder, os.W_OK) else otherwise / name


# What all hosts of an installation must have in common, and the file of DATA_DIR that keeps it beside the embedded Postgres.
SHARED_SECRETS = {"SECRET_KEY": "secret_key", "VAPID_PRIVATE_KEY": "vapid_private_key"}


def kept_secret(name: str) -> str:
    """The secret in variable `name`. Where that is unset, the first start makes one and keeps it in DATA_DIR; but "" when
    DATABASE_URL is set: other hosts may use that database, and each would make a different secret."""
    return text(name) or ("" if text("DATABASE_URL") else secret_file(data_dir() / SHARED_SECRETS[name]))


def secrets_beside(folder: Path) -> dict[str, str]:
    """The variables of the shared secrets for programs that use the embedded database in `folder`."""
    return {name: text(name) or secret_file(folder / filename) for name, filename in SHARED_SECRETS.items()}


def missing_secrets() -> str:
    """What to do about shared secrets that are not set, for the person at the terminal; "" when none is missing."""
    missing = [name for name in SHARED_SECRETS if text("DATABASE_URL") and not text(name)]
    if not missing:
        return ""
    kept = [
        f"{path} holds the {name} used so far."
        for name in missing
        if (path := data_dir() / SHARED_SECRETS[name]).is_file()
    ]
    lines = [
        f"DATABASE_URL is set, so other hosts may use that database. Set {' and '.join(missing)} too, the same on every host.",
        *kept,
    ]
    if len(kept) < len(missing):
        lines.append("A new one is made by: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'")
    return "\n".join(lines)


def secret_file(path: Path) -> str:
    """The secret kept in `path`, readable by its owner only; made (48 random bytes, URL-safe) when there is none.

    Processes that start together get the same secret: the first to lock the file writes it, the others wait. A file
    left empty by a crash is filled.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if secret := file.read().strip():
            return secret
        secret = secrets.token_urlsafe(48)
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
        return secret


def write_private(path: Path, content: str) -> None:
    """Writes a file that its owner alone may read: all of it, or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    scratch.touch(0o600)
    scratch.write_text(content)
    scratch.replace(path)


SERVED = "servers.json"
# Held by the supervisor of the folder (flock) while it lives; a crash or a power cut releases it.
LOCK = "supervisor.lock"


def supervised(folder: Path) -> bool:
    """Whether a supervisor runs on `folder`. Its lock tells, not the pid in the file, which may be another program's."""
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no such file, or not ours to read
        return False
    return False


def announce(folder: Path, addresses: dict[str, str]) -> None:
    """Leaves the embedded servers' addresses (with their passwords) in `folder`, so that manage.py reaches them while they run;
    none: takes them away.
    """
    if addresses:
        write_private(folder / SERVED, json.dumps(addresses))
    else:
        (folder / SERVED).unlink(missing_ok=True)


def served(name: str, default: str) -> str:
    """The variable `name`, else the address of the embedded server that runs on DATA_DIR, else `default`."""
    if given := text(name):
        return given
    if not supervised(data_dir()):
        return default
    try:
        announced: dict[str, str] = json.loads((data_dir() / SERVED).read_text())
    except (OSError, ValueError):
        return default
    return announced.get(name, default)


# Law 2: a lock that is not free within 3 s is answered with 503. No statement holds a thread for ever.
TIME_OUTS = {"lock_timeout": "3s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "30s"}
_TIME_OUTS = " ".join(f"-c {name}={value}" for name, value in TIME_OUTS.items())
# For each host of DATABASE_URL.
CONNECT_TIMEOUT_S = 5


def database(url: str) -> dict[str, Any]:
    """Django's settings for a libpq URL. Connections belong to the pool's threads and stay open (law 6)."""
    parts = {"connect_timeout": CONNECT_TIMEOUT_S, **conninfo_to_dict(url)}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "tallyline"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Behind a pooler the next statement may go to another connection, without the cursor.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        # The URL's own options come last, so they win.
        "OPTIONS": {**parts, "options": f"{_TIME_OUTS} {parts.get('options', '')}".strip()},
    }


def secure_address(name: str, url: str) -> str:
    """The address of another service, the value of variable `name`, without a slash at its end. Raises ValueError unless it is
    https://, or plain http:// to this machine: a reader on the way could sign in as any person."""
    parts = urlsplit(url)
    if url and not (parts.scheme == "https" or parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"}):
        raise ValueError(f"{name} must begin with https://")
    return url.rstrip("/")


class MailServer(TypedDict):
    """Where mails are given to. `starttls`: TLS begins after a plain greeting; `tls`: from the first byte."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool


_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def mail_server(url: str) -> MailServer:
    """The mail server at a URL such as smtp+tls://user:password@host:587; `localhost` for an empty one. User and password are
    percent-encoded in it. Raises ValueError for another scheme, or a URL without a host."""
    scheme = url.partition("://")[0]
    if url and scheme not in _MAIL_PORTS:
        raise ValueError(f"EMAIL_URL must begin with {', '.join(f'{each}://' for each in _MAIL_PORTS)}")
    try:
        read = Env.email_url_config(url or "smtp://localhost")
    except ValueError:  # a port that is none
        raise ValueError("EMAIL_URL must have a port from 1 to 65535, or none") from None
    if not read["EMAIL_HOST"]:
        raise ValueError("EMAIL_URL must name a host, as in smtp+tls://user:password@smtp.example.com:587")
    return {
        "host": read["EMAIL_HOST"],
        "port": read["EMAIL_PORT"] or _MAIL_PORTS[scheme or "smtp"],
        "user": read["EMAIL_HOST_USER"] or "",
        "password": read["EMAIL_HOST_PASSWORD"] or "",
        "starttls": scheme == "smtp+tls",
        "tls": scheme == "smtp+ssl",
    }
