"""Votes by every way in, lost cookies, repeated ids, changes, closes and new rounds in any order: the program and a plain model
of its promises stay the same (B1, B2; decision 0021)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from polls import audit, ballots, commands, selectors, voters
from polls.models import Poll
from polls.outcomes import Cast
from tests.installation import FULL
from tests.polls.database_polls import made
from tests.properties import poll_model
from tests.properties.poll_model import ALREADY, CHANGED, COUNTED, IN_THE_COUNT, PollModel

EXAMPLES, STEPS = (300, 60) if FULL else (15, 40)
JSON = "application/json"

WHO = st.integers(0, 3)
WAYS = st.sampled_from(["form", "outbox", "api", "session"])
PICKS = st.one_of(
    st.lists(st.integers(0, 2), min_size=1, max_size=1),
    st.lists(st.integers(0, 3), min_size=1, max_size=2, unique=True),
)
# A fresh id, or one that was sent before, by any browser.
WHICH_ID = st.one_of(st.none(), st.integers(0, 7))
# What the client says of the round: nothing, the present one, the one before.
ROUND = st.sampled_from([None, None, 0, 0, 0, -1])

# How each way answers.
STATUS = {
    poll_model.COUNTED: 201, poll_model.CHANGED: 201, poll_model.ALREADY: 201, poll_model.REFUSED: 409,
    poll_model.ID_USED: 409, poll_model.OTHER_ROUND: 409, poll_model.CLOSED: 409, poll_model.INVALID: 400,
    poll_model.NO_VOTER: 403,
}  # fmt: skip


class PollMachine(RuleBasedStateMachine):
    """Four browsers and one poll."""

    @initialize(may_change=st.booleans(), max_picks=st.integers(1, 2), shards=st.sampled_from([1, 3]))
    def open(self, may_change: bool, max_picks: int, shards: int) -> None:
        self.poll = made(may_change=may_change, max_picks=max_picks, shards=shards)
        self.model = PollModel(choices=3, max_picks=max_picks, may_change=may_change)
        self.browsers = [Client() for _ in range(4)]
        # Whose each token is, and the voter keys of those that a batch makes up.
        self.tokens: dict[str, int] = {}
        self.sent: list[str] = []
        self.voters = 0

    # ---------------------------------------------------------------------------------------------------------- voting
    @rule(who=WHO, way=WAYS, picks=PICKS, which=WHICH_ID, of_round=ROUND)
    def vote(self, who: int, way: str, picks: list[int], which: int | None, of_round: int | None) -> None:
        browser, ballot_id = self.browsers[who], self._id(which)
        epoch = None if of_round is None else max(0, self.model.epoch + of_round)
        shown, source = self._shown(browser, way)
        answer = self._send(browser, way, ballot_id, picks, epoch)
        expected, owner = self.model.cast(shown, ballot_id, picks, epoch)
        status = 403 if way == "session" and expected == poll_model.CLOSED else STATUS[expected]
        assert answer.status_code == (303 if way == "form" and status == 201 else status), (expected, answer.content)
        token = browser.cookies["voter_token"].value if "voter_token" in browser.cookies else ""
        if source == "new" and token:
            # The answer's new token is the voter's that was counted just now; else it is a new one's.
            counted = shown is not None and owner == shown and expected in {COUNTED, CHANGED}
            mine = shown if counted and shown is not None else self._new_voter()
            self.tokens.setdefault(token, mine)
        if way in {"form", "outbox"}:
            self._check_ballot_cookie(answer, expected, owner, same=owner == shown)

    @rule(who=WHO, what=st.sampled_from(["voter_token", "ballot"]))
    def lose(self, who: int, what: str) -> None:
        self.browsers[who].cookies.pop(self._ballot_cookie if what == "ballot" else what, None)

    @rule(
        batch=st.lists(st.tuples(st.integers(0, 3), PICKS, WHICH_ID, ROUND), min_size=1, max_size=6),
    )
    def crowd(self, batch: list[tuple[int, list[int], int | None, int | None]]) -> None:
        """Several at once, as the batcher records them: each as if in its turn."""
        casts, wanted, ids = [], [], set()
        for who, picks, which, of_round in batch:
            ballot_id = self._id(which)
            if ballot_id in ids:
                ballot_id = self._id(None)
            ids.add(ballot_id)
            token = f"of the crowd {who}"
            epoch = None if of_round is None else max(0, self.model.epoch + of_round)
            key = voters.voter_key(self.poll.pk, "token", token)
            cast = Cast(
                poll_id=self.poll.pk, voter_key=key, ballot_id=UUID(ballot_id), choices=tuple(picks), epoch=epoch
            )
            casts.append(cast)
            wanted.append((self.tokens.setdefault(token, -1 - who), ballot_id, picks, epoch))
        statuses = [outcome.status.value for outcome in ballots.record(casts)]
        assert statuses == [self.model.cast(*each)[0] for each in wanted]

    # ----------------------------------------------------------------------------------------------------------- hosts
    @rule()
    def close(self) -> None:
        commands.close(self.poll.pk)
        self.model.is_open = False

    @rule()
    def reset(self) -> None:
        commands.reset(self.poll.pk)
        self.model.reset()

    @invariant()
    def the_counts_are_the_model_s(self) -> None:
        if not hasattr(self, "poll"):
            return
        row = selectors.current_row(self.poll.pk)
        assert row is not None
        assert [choice["count"] for choice in row["choices"]] == self.model.counts()
        assert row["ballots"] == len(self.model.ballots)
        assert row["version"] >> 40 == self.model.epoch
        assert audit.problems(Poll.objects.get(pk=self.poll.pk)) == []

    # ----------------------------------------------------------------------------------------------------------- parts
    @property
    def _ballot_cookie(self) -> str:
        return f"ballot_{self.poll.code}"

    def _id(self, which: int | None) -> str:
        if which is None or not self.sent:
            self.sent.append(str(uuid4()))
            return self.sent[-1]
        return self.sent[-1 - which % len(self.sent)]

    def _new_voter(self) -> int:
        self.voters += 1
        return self.voters

    def _shown(self, browser: Client, way: str) -> tuple[int | None, str]:
        """The voter that this browser is to the recorder, and where its token comes from."""
        token = browser.cookies["voter_token"].value if "voter_token" in browser.cookies else ""
        source = "cookie" if token else "new"
        if way in {"form", "outbox"} and self._ballot_cookie in browser.cookies:
            kept = browser.cookies[self._ballot_cookie].value.partition(".")[0]
            round_of_id, voter = self.model.ids.get(kept, (-1, 0))
            if round_of_id == self.model.epoch:
                return voter, source
        if token:
            return self.tokens[token], source
        return (None if way == "form" else self._new_voter()), source

    def _send(self, browser: Client, way: str, ballot_id: str, picks: Sequence[int], epoch: int | None) -> Any:
        url, of_round = f"/vote/{self.poll.code}", {} if epoch is None else {"epoch": epoch}
        if way == "form":
            return browser.post(
                f"{url}/own", {"ballot": ballot_id, "choices": [str(each) for each in picks], **of_round}
            )
        if way == "outbox":
            body = {"ballotId": ballot_id, "choices": picks, **of_round}
            return browser.post(f"{url}/ballot", body, JSON, headers={"origin": "http://testserver"})
        kept = browser.cookies.pop(self._ballot_cookie, None)  # a browser sends it to the page's path only
        if way == "api":
            body = {"ballotId": ballot_id, "choices": picks, **of_round}
            answer = browser.post(f"/api/polls/{self.poll.pk}/ballots", body, JSON)
        else:
            body = {"ballotId": ballot_id, "choiceIds": [str(each + 1) for each in picks], **of_round}
            answer = browser.post(f"/api/vote/{self.poll.pk}", body, JSON)
        if kept is not None:
            browser.cookies[self._ballot_cookie] = kept.value
        return answer

    def _check_ballot_cookie(self, answer: Any, expected: str, owner: int | None, *, same: bool) -> None:
        """Set for a ballot that is the sender's own, and not for one of which only the id was known."""
        if expected in {COUNTED, CHANGED} or expected == ALREADY and same:
            assert owner is not None
            kept = answer.cookies[self._ballot_cookie].value.partition(".")[0]
            assert kept == self.model.ballots[owner].id
        else:
            assert self._ballot_cookie not in answer.cookies
        assert expected in IN_THE_COUNT or answer.status_code >= 400


@pytest.mark.faults
@pytest.mark.timeout(3600 if FULL else 240)
@pytest.mark.django_db
def test_a_poll_keeps_its_promises_in_any_order() -> None:
    run_state_machine_as_test(
        PollMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
