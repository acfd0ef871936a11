"""The forms of a poll's host, with the limits of the API's bodies (polls/api/bodies.py)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst

from core import clock
from core.visible import is_visible, trimmed
from polls import rules
from polls.models import Poll
from polls.questions import NewPoll, as_edited
from queues.models import Queue
from venues.forms import VenueForm
from web.forms import FormKey, RefusableForm, ShortText, WholeNumber
from web.settings_form import SettingsForm

BOXES = 4
FEWEST_CHOICES = 2
LONGEST_LIFE_H = 7 * 24
MOST_CODES_AT_ONCE = 1_000


class LongText(ShortText):
    """Several lines of text."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> str:
        """Raises ValidationError; line breaks and tabs may stand in it."""
        text = forms.CharField.clean(self, value)
        super().clean(" ".join(text.split()))
        return trimmed("\n".join(text.splitlines()))


class Boxes(forms.Widget):
    """Several inputs of one name. The template writes them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """All that was sent under the name, in order."""
        return data.getlist(name) if isinstance(data, QueryDict) else list(data.get(name, []))


class Texts(forms.Field):
    """The choices of a new poll, one a box; empty boxes are left out."""

    widget = Boxes

    def clean(self, value: Sequence[str]) -> list[str]:
        """Raises ValidationError with the first thing that is wrong."""
        if len(value) > rules.MOST_CHOICES:
            raise forms.ValidationError(f"There may be at most {rules.MOST_CHOICES} choices.")
        box = ShortText(max_length=rules.LONGEST_CHOICE, required=False)
        texts = [text for each in value if (text := box.clean(each))]
        if len(texts) < FEWEST_CHOICES:
            raise forms.ValidationError("Write at least two choices.")
        if problem := rules.choices_problem(texts):
            raise forms.ValidationError(problem)
        return texts


class PollForm(VenueForm):
    """A poll to make, or a draft to change. A poll for a line has the line's venue."""

    SEVERAL: ClassVar = [("one", "One choice"), ("several", "Several choices")]
    VISIBILITY: ClassVar = [(each.value, capfirst(each.label)) for each in Poll.Visibility]
    # A poll for a line, with one vote per party, does not ask.
    DEDUPE: ClassVar = [(each.value, capfirst(each.label)) for each in Poll.Dedupe if each != Poll.Dedupe.TICKET]
    UNITS: ClassVar = [(1, "minutes"), (60, "hours")]
    NAMES: ClassVar = {"maxPicks": "max_picks", "end": "ends_in", "start": "starts_in"}

    title = ShortText(
        label="Your question",
        max_length=rules.LONGEST_TITLE,
        attrs={"placeholder": "Which dessert tonight?", "autocomplete": "off"},
    )
    choices = Texts(label="Choices")
    several = forms.ChoiceField(label="A voter picks", choices=SEVERAL, initial="one", widget=forms.RadioSelect)
    max_picks = WholeNumber(label="At most", min_value=1, max_value=rules.MOST_CHOICES, required=False)
    description = LongText(label="A word about it", max_length=rules.LONGEST_DESCRIPTION, required=False)
    visibility = forms.ChoiceField(label="Who sees the result", choices=VISIBILITY, initial=Poll.Visibility.ALWAYS)
    dedupe = forms.ChoiceField(
        label="Who counts as one voter",
        choices=DEDUPE,
        initial=Poll.Dedupe.TOKEN,
        help_text="Everybody on a restaurant’s Wi-Fi has one network address: only one of them could vote.",
    )
    may_change = forms.BooleanField(label="Voters may change their vote", required=False)
    asks_work = forms.BooleanField(label="Slow bots down: each vote takes its phone a second", required=False)
    starts_in = WholeNumber(label="Opens in", min_value=1, required=False, attrs={"placeholder": "at once"})
    starts_unit = forms.TypedChoiceField(
        label="Minutes or hours until it opens", choices=UNITS, coerce=int, initial=1, required=False
    )
    ends_in = WholeNumber(label="Closes in", min_value=1, required=False)
    ends_unit = forms.TypedChoiceField(label="Minutes or hours", choices=UNITS, coerce=int, initial=1)
    open_now = forms.TypedChoiceField(
        label="When it opens",
        choices=[("yes", "At once"), ("no", "When I say so: keep it as a draft")],
        coerce=lambda said: said == "yes",
        initial="yes",
    )
    key = FormKey()

    def __init__(
        self,
        *arguments: Any,
        line: Queue | None = None,
        poll: Poll | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.poll = poll
        self.line = poll.queue if poll else line
        if self.line:
            del self.fields["dedupe"]
        if poll:
            del self.fields["open_now"]
            del self.fields["key"]

    @property
    def boxes(self) -> list[str]:
        """What stands in the boxes for choices, with some that are free."""
        texts = list(self["choices"].value() or [])[: rules.MOST_CHOICES]
        texts = [text.replace("\x00", "") for text in texts if is_visible(text)]
        return texts + [""] * max(BOXES - len(texts), 2 if self.poll else 0)

    def clean(self) -> dict[str, Any]:
        """What only makes sense together."""
        cleaned = super().clean() or self.cleaned_data
        choices, most = cleaned.get("choices"), cleaned.get("max_picks")
        if cleaned.get("several") == "several" and choices and most and most > len(choices):
            self.add_error("max_picks", f"There are only {len(choices)} choices.")
        opens = (cleaned.get("starts_in") or 0) * (cleaned.get("starts_unit") or 1)
        closes = (cleaned.get("ends_in") or 0) * cleaned.get("ends_unit", 1)
        for field, minutes in (("starts_in", opens), ("ends_in", closes)):
            if minutes > LONGEST_LIFE_H * 60:
                self.add_error(field, "At most seven days.")
        if closes and closes <= opens:
            self.add_error("ends_in", "It must close after it opens. Both count from now.")
        if cleaned.get("dedupe") == Poll.Dedupe.ADDRESS and cleaned.get("may_change"):
            self.add_error("may_change", "Not with one vote per network address: people would change each other’s.")
        return cleaned

    def new_poll(self) -> NewPoll:
        """What the command takes. Of a draft it keeps what this form does not ask for."""
        data, poll = self.cleaned_data, self.poll
        bits = poll.work_bits if poll else 0
        most = (data["max_picks"] or len(data["choices"])) if data["several"] == "several" else 1
        return NewPoll(
            title=data["title"],
            choices=data["choices"],
            description=data["description"],
            min_picks=min(poll.min_picks, most) if poll else 1,
            max_picks=most,
            starts_at=_moment(data["starts_in"], data["starts_unit"], was=poll.starts_at if poll else None),
            ends_at=_moment(data["ends_in"], data["ends_unit"], was=poll.ends_at if poll else None),
            visibility=data["visibility"],
            may_change=data["may_change"],
            dedupe=Poll.Dedupe.TICKET if self.line else data["dedupe"],
            shards=poll.shards if poll else 1,
            work_bits=(bits or rules.WORK_BITS) if data["asks_work"] else 0,
        )


class DraftForm(PollForm, SettingsForm):
    """A draft to change."""

    def __init__(self, data: Any = None, *, poll: Poll) -> None:
        super().__init__(data, poll=poll, row=poll)

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return draft_initial(self.row)

    def values(self) -> dict[str, Any]:
        """What stands now, as the command notes its changes."""
        return as_edited(self.row)


def draft_initial(poll: Poll) -> dict[str, Any]:
    """The initial data of the form of a draft."""
    choices = list(poll.choices.values_list("text", flat=True))
    starts_in, starts_unit = _until(poll.starts_at)
    ends_in, ends_unit = _until(poll.ends_at)
    return {
        "title": poll.title,
        "choices": choices,
        "several": "several" if poll.max_picks > 1 else "one",
        "max_picks": poll.max_picks if 1 < poll.max_picks < len(choices) else None,
        "description": poll.description,
        "visibility": poll.visibility,
        "dedupe": poll.dedupe,
        "may_change": poll.may_change,
        "asks_work": poll.work_bits > 0,
        "starts_in": starts_in if poll.starts_at and poll.starts_at > clock.now() else None,
        "starts_unit": starts_unit,
        "ends_in": ends_in,
        "ends_unit": ends_unit,
    }


def _moment(number: int | None, unit: int | str, *, was: datetime | None) -> datetime | None:
    """The time so long after now; a time that was left unchanged keeps its seconds."""
    if not number:
        return None
    wanted = (number, int(unit or 1))
    return was if was and _until(was) == wanted else clock.now() + timedelta(minutes=wanted[0] * wanted[1])


def _until(moment: datetime | None) -> tuple[int | None, int]:
    """The time left, as a number and its unit (1 or 60 minutes); whole hours are hours."""
    if moment is None:
        return None, 1
    minutes = -(-(moment - clock.now()) // timedelta(minutes=1))
    unit = 60 if minutes > 0 and minutes % 60 == 0 else 1
    return max(minutes // unit, 1), unit


class ResetForm(RefusableForm):
    """When a poll closes that is started again after its end; empty: its host closes it."""

    NAMES: ClassVar = {"end": "ends_in"}

    ends_in = WholeNumber(label="Closes in", min_value=1, required=False)
    ends_unit = forms.TypedChoiceField(label="Minutes or hours", choices=PollForm.UNITS, coerce=int, initial=1)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"auto_id": "again-%s", **options})

    def clean_ends_in(self) -> int | None:
        """Raises ValidationError for more than any poll lasts."""
        number: int | None = self.cleaned_data["ends_in"]
        unit = {"60": 60}.get(self.data.get("ends_unit", ""), 1)
        if number and number * unit > LONGEST_LIFE_H * 60:
            raise forms.ValidationError("At most seven days.")
        return number

    def ends_at(self) -> datetime | None:
        """The new end, counted from now."""
        return _moment(self.cleaned_data["ends_in"], self.cleaned_data["ends_unit"], was=None)


class CodesForm(RefusableForm):
    """How many one-time codes to make."""

    count = WholeNumber(label="How many", min_value=1, max_value=MOST_CODES_AT_ONCE, initial=30)
    key = FormKey(required=False)  # a page from an older release has none
