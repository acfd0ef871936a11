"""What operators watch of push (config/gauges.py): whether what push services take also reaches phones. Counts only."""

from collections import Counter

from core import clock
from push.models import Delivery
from reach.figures import MOST, SETTLES, SPAN
from reach.models import Message

State = Message.State
_STATES = {Delivery.Result.GONE: State.SKIPPED, Delivery.Result.REFUSED: State.FAILED}


def outcomes() -> dict[str, int]:
    """The newest push messages by the state that a message of another way would have: `delivered` is shown by the phone, `sent`
    was taken by the push service, `skipped` found no browser. Tests are left out: they have no receipt.
    """
    until = clock.now() - SETTLES
    # By their numbers, which grow with time: an index of times would be written with each message.
    newest = Delivery.objects.exclude(kind=Delivery.Kind.TEST).order_by("-pk")
    rows = newest.values_list("result", "received_at", "sent_at")[:MOST]
    found = Counter(
        _STATES.get(Delivery.Result(result), State.DELIVERED if received else State.SENT)
        for result, received, sent in rows
        if until - SPAN < sent <= until
    )
    return {state: found[state] for state in State}
