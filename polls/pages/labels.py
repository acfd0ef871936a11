"""Labels of a poll's phase, rules and result."""

from typing import Any

from django.utils.translation import gettext as _

from core.json_types import View
from polls import rules
from polls.models import Poll

PHASES = {rules.DRAFT: "draft", rules.EARLY: "not open yet", rules.OPEN: "open", rules.CLOSED: "closed"}


def rules_of(poll: Poll, *, choices: int) -> str:
    """The poll's rules for its host, e.g. "One choice · one vote per browser · result for everybody, at once"."""
    most = "One choice" if poll.max_picks == 1 else picks(poll, choices=choices).rstrip(".")
    parts = [most, poll.get_dedupe_display(), f"result for {poll.get_visibility_display()}"]
    parts += ["votes may be changed"] * poll.may_change + ["phones work for their vote"] * (poll.work_bits > 0)
    return " · ".join(parts)


def picks(poll: Poll, *, choices: int) -> str:
    """How many a voter may pick, as an instruction."""
    least, most = poll.min_picks, min(poll.max_picks, choices)
    if most == 1:
        return _("Pick one.")
    if least == most:
        return _("Pick %(n)d.") % {"n": most}
    if least > 1:
        return _("Pick %(least)d to %(most)d.") % {"least": least, "most": most}
    return _("Pick one or more.") if most == choices else _("Pick up to %(n)d.") % {"n": most}


def hidden(visibility: str) -> str:
    """Why a viewer sees no counts."""
    return {
        rules.AFTER_VOTING: _("The result is shown to those who have voted."),
        rules.AFTER_CLOSE: _("The result is hidden until the close."),
        rules.HOST_ONLY: _("Only the host sees the result."),
    }.get(visibility, "")


def percent(count: int, ballots: int) -> int:
    """rules.percentage without its decimal, half up; frontend/poll/results.ts does the same to the API's."""
    return (round(10 * rules.percentage(count, ballots)) + 5) // 10


def bars(view: View) -> list[dict[str, Any]]:
    """The choices of a results view, each with `percent` and whether it leads; None and False where there are no counts.

    `share` is the percentage as the reader's language writes it.
    """
    most = max((choice["count"] or 0 for choice in view["choices"]), default=0)
    counts = [choice["count"] for choice in view["choices"]]
    shares = [None if count is None else percent(count, view["ballots"]) for count in counts]
    return [
        {
            **choice,
            "percent": share,
            "share": "" if share is None else _("{n}%").format(n=share),
            "leads": bool(most) and choice["count"] == most,
        }
        for choice, share in zip(view["choices"], shares, strict=True)
    ]
