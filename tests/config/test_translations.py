"""What guests read in Spanish and Japanese: complete, whole, and what is compiled is what is written (`make messages`)."""

import gettext
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from core.errors import Invalid
from polls.refusals import PICK_AT_MOST
from tests.installation import ROOT
from tests.sources import python_files, reasons

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
# What a sentence has places for: %(line)s, {high}, and the markup that it may not lose.
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|<[^>]+>")
# Right as they are in Spanish.
SAME = {"{n}%", "{n} min", "%(n)s min", "{low}–{high} min", "{low} – {high}", "{h} h", "{h} h {n} min", "no", "No"}
# Extracting asks no database.
NO_DATABASE = {"DATABASE_URL": "postgresql:///none?host=/nonexistent"}

Catalogue = dict[Any, str]


def written(language: str) -> Path:
    """The translator's file."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(compiled: Path) -> Catalogue:
    """All messages of a compiled catalogue, by what they translate; plurals one by one."""
    with compiled.open("rb") as file:
        found: Catalogue = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    return {key: text for key, text in found.items() if key}


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """What the program says. It must succeed."""
    done = subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def msgids(po: Path, *options: str) -> list[str]:
    """The msgids of the entries msgattrib picks, as they stand."""
    return [
        line
        for line in run("msgattrib", "--no-wrap", *options, po).splitlines()
        if line.startswith("msgid ") and line != 'msgid ""'
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_a_guess(language: str) -> None:
    assert msgids(written(language), "--untranslated") == []
    assert msgids(written(language), "--only-fuzzy") == []
    assert msgids(written(language), "--only-obsolete") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_places_and_are_not_english(language: str) -> None:
    for key, text in read(written(language).with_suffix(".mo")).items():
        english = key[0] if isinstance(key, tuple) else key
        context, _, english = english.rpartition("\x04")
        places = set(PLACES.findall(english))
        if isinstance(key, tuple):  # a singular may do without its number
            assert set(PLACES.findall(text)) <= places | {"%(n)d", "%(n)s"}, english
        else:
            assert sorted(PLACES.findall(text)) == sorted(PLACES.findall(english)), english
        assert context or text != english or english in SAME, f"{english!r} is not translated"


@pytest.mark.program
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str, tmp_path: Path) -> None:
    run("msgfmt", "--check-format", "-o", tmp_path / "django.mo", written(language))
    assert read(tmp_path / "django.mo") == read(written(language).with_suffix(".mo")), "make messages was forgotten"


@pytest.mark.program
def test_nothing_that_guests_read_is_missing_from_the_catalogues(tmp_path: Path) -> None:
    """Extracts anew from a copy of the sources."""
    files = run("git", "ls-files", "-co", "--exclude-standard", "*.py", "*.html", "*.txt").splitlines()
    for name in files:
        if not name.startswith(("tests/", "benchmarks/", "frontend/")) and (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "locale").mkdir()
    command = [sys.executable, "manage.py", "makemessages", "--locale", "es", "--no-location", "--no-wrap"]
    run(*command, cwd=tmp_path, **NO_DATABASE)
    extracted = msgids(tmp_path / "locale/es/LC_MESSAGES/django.po")
    assert len(extracted) > 200
    for language in LANGUAGES:
        assert set(msgids(written(language))) == set(extracted), "make messages was forgotten"


SLICES = [path.parent.name for path in ROOT.glob("*/refusals.py")]


def test_each_reason_has_its_own_code_and_sentence() -> None:
    """And no other source repeats the sentence: it is raised by its name."""
    assert {"core", "queues", "polls", "rooms", "venues"} <= set(SLICES)
    named = reasons(*SLICES)
    assert len({reason.code for reason in named.values()}) == len(named)
    assert [name for name, reason in named.items() if name.rpartition(".")[2].lower() != reason.code] == []
    sources = "\n".join(path.read_text() for path in python_files() if path.name != "refusals.py")
    assert [name for name, reason in named.items() if f'"{reason.sentence}"' in sources] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_is_said_to_people_in_their_language_and_to_programs_in_english(language: str) -> None:
    """A plain string is what only programs and hosts read."""
    for name, reason in reasons(*SLICES).items():
        if isinstance(reason.sentence, str):
            continue
        filled = reason.with_values(n=12)
        with translation.override(language):
            assert filled.in_words() == filled.in_language(language) != filled.english, name
            assert str(filled) == filled.english == str(Invalid(filled)) == Invalid(filled).message, name
            assert Invalid(filled, field="choices", named=True).in_words() == f"choices: {filled.in_words()}"


def test_a_reason_fills_its_sentence() -> None:
    with translation.override("es"):
        assert PICK_AT_MOST.with_values(n=12).in_words() == "Elija 12 como máximo."
        assert str(PICK_AT_MOST.with_values(n=12)) == "Pick at most 12."
