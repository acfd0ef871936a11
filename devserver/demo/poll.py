"""The demo's polls, made through the API: one for all, one for the parties in line."""

import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from devserver.demo.client import Api
from polls.models import Poll

DESSERTS = ("Tiramisù", "Panna cotta", "Torta della nonna", "Gelato")
LIKED = (9, 4, 6, 12)
MUSIC = ("Jazz", "Italian pop", "No music, please")
VOTERS = 43


def ask_the_room(
    api: Api, *, key: str, line_code: str, line_token: str, parties: Sequence[str], seed: int
) -> list[str]:
    """Opens both polls and votes in them; returns sentences for the person, and failures."""
    chance = random.Random(seed)  # noqa: S311 — a story, not a secret
    lines = []
    dessert = {"title": "Which dessert tonight?", "choices": DESSERTS, "mayChange": True, "open": True}
    poll = api.request("POST", "/api/polls/", dessert, api_key=key)
    if poll.status != 201:
        return [f"The dessert poll: {poll.status} {poll.body}"]
    for _ in range(VOTERS):
        (picked,) = chance.choices(range(len(DESSERTS)), LIKED)
        lines += _vote(api, poll.body["id"], {"choices": [picked], "token": f"{chance.getrandbits(128):x}"}, chance)
    lines.append(f"A poll is open: {poll.body['voteUrl']}")
    music = {
        "title": "Which music?",
        "choices": MUSIC,
        "dedupe": Poll.Dedupe.TICKET,
        "line": line_code,
        "visibility": Poll.Visibility.AFTER_VOTING,
        "open": True,
    }
    poll = api.request("POST", "/api/polls/", music, x_host_auth=line_token)
    if poll.status != 201:
        return [*lines, f"The music poll: {poll.status} {poll.body}"]
    for party in parties:
        lines += _vote(api, poll.body["id"], {"choices": [chance.randrange(len(MUSIC))], "partyId": party}, chance)
    return lines


def _vote(api: Api, poll_id: str, ballot: dict[str, Any], chance: random.Random) -> list[str]:
    ballot_id = UUID(int=chance.getrandbits(128), version=4)
    answer = api.request("POST", f"/api/polls/{poll_id}/ballots", {"ballotId": str(ballot_id), **ballot})
    return [] if answer.status == 201 else [f"A demo vote: {answer.status} {answer.body}"]
