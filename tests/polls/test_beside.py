"""On several nodes a page chooses its ballot's id to have its claim on its voter's node (decision 0081)."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from polls import rules, voters
from polls.nodes import Placement

POLL = UUID("0f6f2b7c-6a44-4d7d-8d3c-1f7a0a3f7f10")
TOKEN = "ab" * 32


@pytest.mark.parametrize(("shards", "shard"), [(2, 1), (3, 1), (7, 5), (32_767, 29_706)])
def test_a_page_can_tell_the_shard_of_its_voter(shards: int, shard: int) -> None:
    """The same numbers as in frontend/poll/nodes.test.ts."""
    assert rules.shard_of(voters.token_key(Placement(POLL, shards, nodes=2), TOKEN), shards) == shard


def test_keys_differ_by_token_and_poll_and_half_of_each_is_keyed(settings: Any) -> None:
    spread, other = Placement(POLL, 2, nodes=2), Placement(uuid4(), 2, nodes=2)
    keys = {voters.token_key(where, token) for where in (spread, other) for token in (TOKEN, "cd" * 32)}
    assert len({key[:8] for key in keys}) == len({key[8:] for key in keys}) == 4
    before = voters.token_key(spread, TOKEN)
    settings.SECRET_KEY = "another, as long as it has to be to be one at all"
    after = voters.token_key(spread, TOKEN)
    assert before[:8] == after[:8] and before[8:] != after[8:]


@pytest.mark.parametrize(
    ("placement", "token"),
    [
        (Placement(POLL, 2), TOKEN),
        (Placement(POLL, 1, nodes=2), TOKEN),
        (Placement(POLL, 2, nodes=2, together=True), TOKEN),
        (Placement(POLL, 2, nodes=2), "my own"),
        (Placement(POLL, 2, nodes=2), TOKEN.upper()),
    ],
)
def test_elsewhere_and_of_other_tokens_all_of_a_key_is_keyed(placement: Placement, token: str) -> None:
    """So voters of polls that are open on one node stay who they are, and what a client has made up cannot be guessed."""
    assert voters.token_key(placement, token) == voters.voter_key(POLL, "token", token)
