"""The text of a notice: as short as it can be, one SMS where that is possible, with what the guest may answer."""

from collections.abc import Iterator

from django.utils import translation
from django.utils.translation import gettext as _

from reach import segments
from reach.notices import Kind
from reach.ways import Outgoing

# What may be answered with 1 and 2, besides 9.
_CALLS = (Kind.CALLED, Kind.MORE_TIME, Kind.LATE)
_ENDED = (Kind.REMOVED, Kind.NO_SHOW, Kind.CLOSED, Kind.VISIT)
# What ends a title that the text goes on after.
_FULL_STOPS = {"ja": "。"}


def written(out: Outgoing) -> str:
    """The fullest form that is one SMS, else the plainest. It holds the line's name, and no guest's."""
    with translation.override(out.language):
        forms = [segments.shortest(form) for form in _forms(out)]
    return next((form for form in forms if segments.count(form).count == 1), forms[-1])


def _forms(out: Outgoing) -> Iterator[str]:
    """From the fullest to the plainest. The first text, and the question after a visit, bring the ticket's address, whatever that
    costs."""
    if out.kind == Kind.CODE:  # to a number that may be a stranger's: no address, and nothing to answer
        yield out.body
        yield out.title
        return
    answers, short = _answers(out.kind)
    if out.kind == Kind.JOIN_CONFIRM:
        yield _joined(out.body, answers, out.url)
        yield _joined(out.body, short, out.url)
        yield _joined(out.body, out.url)
        yield _joined(out.title, out.url)
        return
    if out.kind == Kind.VISIT:
        rate = _("Answer 1 (bad) to 5 (very good), or tap:")
        yield _joined(out.title, out.body, rate, out.url)
        yield _joined(out.title, rate, out.url)
        yield _joined(out.title, out.url)
        yield _joined(out.title, rate, out.url)  # where none is one SMS
        return
    said = out.kind in (Kind.DIRECT, Kind.MESSAGE)
    news = _joined(out.title + _FULL_STOPS.get(out.language, "."), out.body)
    told = f"{out.title}: {out.body}" if said else news  # who says it: the title is the line's name
    yield _joined(told, answers, out.url)
    yield _joined(told, answers)
    yield _joined(told, short)
    yield _joined(out.body, answers)
    yield _joined(out.body, short)
    yield told if said else out.body


def _answers(kind: str) -> tuple[str, str]:
    """What may be answered, and the same shorter."""
    if kind in _CALLS:
        return _("Answer 1: on my way, 2: more time, 9: leave."), _("1: on my way, 2: more time, 9: leave.")
    if kind in _ENDED:
        return "", ""
    if kind == Kind.JOIN_CONFIRM:
        return _("Answer 9 to leave, STOP for no more texts."), _("9: leave, STOP: no texts.")
    return _("Answer 9 to leave the line."), ""


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
