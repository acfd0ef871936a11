"""The polls of a line on pages of queues, which does not import polls (decision 0045)."""

from django import template

from core.json_types import View
from polls import asking
from polls.casting import MAY_VOTE
from polls.pages import lists
from queues.models import Party, Queue

register = template.Library()


@register.inclusion_tag("poll/_of_line.html")
def polls_of_line(line: Queue) -> View:
    """For the line's host: its polls, each with a link to its host's page."""
    return {"polls": lists.of_line(line)}


@register.inclusion_tag("poll/_question.html")
def open_question(line: Queue, party: Party) -> View:
    """For a guest: the poll that the people in line may vote in now; hidden without one, for the script to show."""
    return {"line": line, "poll": asking.question_of(line.pk), "may_vote": party.status in MAY_VOTE}
