"""Which dump of a migrated database is that of the present code (tests/migrated.py, decision 0101)."""

from pathlib import Path

from tests.migrated import state_of


def test_a_dump_is_kept_for_one_state_of_the_code_and_one_server(tmp_path: Path) -> None:
    files = {
        "requirements-run.txt": "django",
        "queues/__init__.py": "",
        "queues/models.py": "a",
        "tests/__init__.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    first = state_of(tmp_path, "18")
    (tmp_path / "tests/test_new.py").write_text("b")
    (tmp_path / "queues/notes.md").write_text("b")
    assert state_of(tmp_path, "18") == first
    states = {first, state_of(tmp_path, "15")}
    (tmp_path / "queues/models.py").write_text("b")
    states.add(state_of(tmp_path, "18"))
    (tmp_path / "queues/models.py").rename(tmp_path / "queues/tables.py")
    states.add(state_of(tmp_path, "18"))
    (tmp_path / "queues/migrations").mkdir()
    (tmp_path / "queues/migrations/0001_tables.py").write_text("")
    states.add(state_of(tmp_path, "18"))
    (tmp_path / "requirements-run.txt").write_text("django again")
    states.add(state_of(tmp_path, "18"))
    assert len(states) == 6
