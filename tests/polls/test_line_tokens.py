"""A line's host tokens and those of its polls end in one transaction (decision 0043)."""

import pytest

from outbox.models import Event
from outbox.reconcile import gaps
from polls.commands import NewPoll, create
from polls.models import Poll
from queues.commands import NewLine, open_line, renew_token
from queues.models import Queue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> Queue:
    return open_line(NewLine(event_name="Friday", max_guests=9))


def made(line: Queue | None = None) -> Poll:
    new = NewPoll(title="Which wine?", choices=["Red", "White"], dedupe="ticket" if line else "token")
    return create(new, queue=line, open_now=True)


def versions(*polls: Poll) -> list[int]:
    return [Poll.objects.get(pk=poll.pk).token_version for poll in polls]


def test_renewing_a_lines_tokens_ends_those_of_its_polls_only(line: Queue) -> None:
    ours = [made(line) for _ in range(2)]
    other = made()
    assert renew_token(line.pk).token_version == 1
    assert versions(*ours, other) == [1, 1, 0]
    for poll in Poll.objects.filter(queue=line):
        assert Event.objects.filter(stream_id=poll.pk, type="POLL_TOKEN_RENEWED").count() == 1
        assert not list(gaps("poll", poll.pk, poll.version))


def test_no_token_ends_when_one_cannot(line: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = made(line)
    monkeypatch.setattr("polls.commands.renew", lambda change: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        renew_token(line.pk)
    assert (Queue.objects.get().token_version, versions(poll)) == (0, [0])
