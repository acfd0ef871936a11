"""Shared installations rest while other files' tests run, and are there again for the next that asks (tests/resting.py)."""

from pathlib import Path

import httpx
import pytest

from tests.installation import NewStack
from tests.resting import REST_AFTER_S, Shared

ASKS, OTHER, THIRD = Path("test_asks.py"), Path("test_other.py"), Path("test_third.py")
USES = {"stack", "line"}


@pytest.fixture
def did() -> list[str]:
    """What was done to the installation, in order."""
    return []


@pytest.fixture
def shared(did: list[str]) -> Shared:
    """Used by a test that ended at second 10."""
    made = Shared("stack", lambda: did.append("rests"), lambda: did.append("wakes"))
    made.begins(ASKS, USES, 0)
    made.ends(USES, 10)
    return made


def test_it_rests_once_another_files_tests_have_not_used_it_for_a_while(shared: Shared, did: list[str]) -> None:
    shared.begins(OTHER, set(), 10 + REST_AFTER_S)
    assert did == []
    shared.begins(OTHER, set(), 11 + REST_AFTER_S)
    shared.begins(THIRD, set(), 12 + 9 * REST_AFTER_S)
    assert did == ["rests"]


def test_it_wakes_before_the_next_test_that_uses_it(shared: Shared, did: list[str]) -> None:
    shared.begins(OTHER, set(), 11 + REST_AFTER_S)
    shared.begins(ASKS, USES, 12 + REST_AFTER_S)
    shared.begins(ASKS, USES, 13 + REST_AFTER_S)
    assert did == ["rests", "wakes"]


def test_it_does_not_rest_between_the_tests_of_one_file(shared: Shared, did: list[str]) -> None:
    shared.begins(ASKS, set(), 11 + REST_AFTER_S)
    assert did == []


def test_an_installation_that_has_rested_is_the_same_at_the_same_address(own_stack: NewStack) -> None:
    stack = own_stack("resting", 8).start("web", "timers")
    line, health = stack.open_line(), f"{stack.url()}/healthz"
    with httpx.Client() as client:
        assert client.get(health).status_code == 200
        stack.rest()
        assert all(process.poll() is not None for process in stack.processes.values())
        with pytest.raises(httpx.TransportError):
            client.get(health)
        stack.wake()
        assert client.get(health).status_code == 200
    assert stack.processes["timers"].poll() is None
    assert line.snapshot().status_code == 200
