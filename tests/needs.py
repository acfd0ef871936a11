"""Marks tests by what they need: `pure` (no server at all), `program` (a running program); docs/decisions/0050."""

from collections.abc import Iterator

import pytest

# Each starts programs, or waits for one that another test has started.
PROGRAMS = {"stack", "both", "site", "new_stack", "own_stack", "redis"}
DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Before `-m` selects. `servers` and `program` may stand in a file, where fixtures do not tell."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        marks = {mark.name for mark in item.iter_markers()}
        if fixtures & PROGRAMS or marks & {"browser", "faults"}:
            item.add_marker("program")
        elif not (fixtures & DATABASE or marks & {"django_db", "servers", "program"}):
            item.add_marker("pure")
    yield
