"""Numbers given to management commands: one out of bounds ends the command before it has done anything."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize("word", ["0", "-5", "1.5", "x", "1_0", "9" * 4_400])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        # None, or less: it would delete the backup that it has just made.
        (["backup", "/nowhere"], "--keep"),
        (["base_backup"], "--keep"),
        (["create_api_key", "till"], "--days"),
        (["distribute"], "--shard-count"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)
def test_a_number_that_cannot_be_is_refused(command: list[str], option: str, word: str) -> None:
    with pytest.raises(CommandError, match=f"argument {option}: must be a whole number from 1 to"):
        call_command(*command, f"{option}={word}")
