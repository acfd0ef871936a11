"""More: a line may take only guests who are here. Older clients are refused with a sentence; all other lines are as they were."""

import pytest

from tests.contracts.queueup import Line, refused
from tests.installation import Stack


@pytest.fixture
def line(stack: Stack) -> Line:
    opened = Line.open(stack)
    opened.host("settings", {"hereOnly": True})
    return opened


def test_a_join_without_the_code_on_the_wall_or_with_another_is_refused(line: Line) -> None:
    for body in ({"name": "Ana"}, {"hereCode": ""}, {"hereCode": "ABCDEF"}, {"hereCode": "x" * 100}):
        refused(line.post("join", body), 403, "code")
    refused(line.post("join", {"hereCode": 7}), 400, "hereCode")
    refused(line.post("join", {"hereCode": "x" * 101}), 400, "hereCode")
    assert line.host("walk-in", {"name": "Ben"})["ticket"] == 1
    line.host("settings", {"hereOnly": False})
    assert line.join("Ana")["ticket"] == 2
