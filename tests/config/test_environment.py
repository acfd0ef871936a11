"""Reading the environment, and secrets that processes starting together must agree on."""

import subprocess
import sys
from pathlib import Path

import pytest

from config import settings as ours
from core import environment as env


def test_passwords_are_kept_as_argon2() -> None:
    """The tests' own settings have something quicker (tests/conftest.py)."""
    assert ours.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"


@pytest.mark.parametrize(
    ("word", "meant"), [("on", True), ("1", True), ("YES", True), ("off", False), ("False", False)]
)
def test_a_flag_understands_the_usual_words(word: str, meant: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", word)
    assert env.flag("RATE_LIMITS", default=not meant) is meant


def test_a_misspelt_flag_is_refused_rather_than_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", "onn")
    with pytest.raises(ValueError, match="RATE_LIMITS must be on or off"):
        env.flag("RATE_LIMITS", default=False)


def test_a_blank_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_WORKERS", " ")
    assert env.number("WEB_WORKERS", 3, least=1, most=9) == 3


@pytest.mark.parametrize("word", ["many", "0", "-3", "10", "1.5", "1e3", "1_0", "٣", "0x5", "9" * 5_000])
def test_a_number_that_cannot_be_names_its_variable_and_bounds(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_WORKERS", word)
    with pytest.raises(ValueError, match="WEB_WORKERS must be a whole number from 1 to 9, not") as refused:
        env.number("WEB_WORKERS", 1, least=1, most=9)
    assert len(str(refused.value)) < 120


def test_a_given_secret_is_used_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "given")
    assert env.kept_secret("SECRET_KEY") == "given"
    assert list(tmp_path.iterdir()) == []


def test_a_made_secret_stays_the_same_and_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)  # it is made beside the embedded database only
    secret = env.kept_secret("SECRET_KEY")
    assert len(secret) >= 48
    assert env.kept_secret("SECRET_KEY") == secret
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_secret_file_left_empty_by_a_crash_is_filled(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    secret = env.secret_file(tmp_path / "secret")
    assert secret
    assert (tmp_path / "secret").read_text() == secret


@pytest.mark.program
def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from core.environment import secret_file; "
        "sys.stdin.readline(); print(secret_file(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "secret")]
    together = [
        subprocess.Popen(command, cwd=env.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    for process in together:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()
    secrets = {process.communicate()[0].strip() for process in together}
    assert len(secrets) == 1
    assert secrets != {""}


@pytest.mark.thorough
def test_a_read_only_root_file_system(tmp_path: Path) -> None:
    """What is made at run time is made in DATA_DIR where nothing else can be written; elsewhere nothing changes."""
    program = (
        "import os, sys, tempfile; from pathlib import Path; from core import environment as env\n"
        "ours = Path(sys.argv[1]); there = tempfile.gettempdir(); env.temporary_files_in(ours)\n"
        "assert tempfile.gettempdir() == there and env.made_in(ours, Path('/x'), 's') == ours / 's'\n"
        "tempfile.tempdir = None; tempfile._candidate_tempdir_list = lambda: ['/proc/none']\n"
        "env.temporary_files_in(ours); assert tempfile.TemporaryFile() and tempfile.gettempdir() == str(ours)\n"
        "os.access = lambda folder, mode: folder == ours\n"
        "assert env.made_in(Path('/srv'), ours, 's') == ours / 's'\n"
        "assert env.made_in(Path('/usr'), ours, 'bin') == Path('/usr/bin')\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == 0


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("", {"host": "localhost", "port": 25, "user": "", "password": "", "starttls": False, "tls": False}),
        ("smtp://mail", {"host": "mail", "port": 25, "user": "", "password": "", "starttls": False, "tls": False}),
        (
            "smtp+tls://me%40x.example:p%2Fw@mail:2525",
            {"host": "mail", "port": 2525, "user": "me@x.example", "password": "p/w", "starttls": True, "tls": False},
        ),
        ("smtp+ssl://mail", {"host": "mail", "port": 465, "user": "", "password": "", "starttls": False, "tls": True}),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, read: env.MailServer) -> None:
    assert env.mail_server(url) == read


@pytest.mark.parametrize(
    "url", ["mail.example.com", "smtps://mail", "https://mail", "smtp://", "filemail://x", "smtp://mail:99999"]
)
def test_what_is_no_mail_server_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="EMAIL_URL must"):
        env.mail_server(url)


def test_a_service_that_signs_people_in_is_reached_by_https_only() -> None:
    for url in ("https://id.example.com", "http://localhost:8080"):
        assert env.secure_address("OIDC_ISSUER", f"{url}/") == url
    for url in ("http://id.example.com", "id.example.com", "ftp://localhost"):
        with pytest.raises(ValueError, match="OIDC_ISSUER must begin with https://"):
            env.secure_address("OIDC_ISSUER", url)


def test_a_database_keeps_the_options_of_its_url() -> None:
    several = env.database(
        "postgresql://me:x@one,two/line?target_session_attrs=read-write&options=-c%20search_path%3Dours"
    )
    assert (several["HOST"], several["NAME"]) == ("one,two", "line")
    options = several["OPTIONS"]
    assert (options["target_session_attrs"], options["connect_timeout"]) == ("read-write", env.CONNECT_TIMEOUT_S)
    assert options["options"].startswith("-c lock_timeout=3s ") and options["options"].endswith(" -c search_path=ours")
    assert env.database("postgresql://one/line?connect_timeout=1")["OPTIONS"]["connect_timeout"] == "1"
