"""What a voter may send: a ballot, or the number of one to look up."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from polls import voters
from polls.bodies import MOST_EPOCH, MOST_WORK, Submission
from polls.models import Poll
from polls.pages.forms import Boxes
from polls.refusals import NO_SUCH_CHOICE
from web.forms import RefusableForm, ShortText, WholeNumber


class Picks(forms.Field):
    """The numbers of the picked choices."""

    widget = Boxes

    def clean(self, value: Sequence[str]) -> tuple[int, ...]:
        """Raises ValidationError for what can be no number of a choice; the rest is up to the rules."""
        if any(not (each.isascii() and each.isdecimal() and len(each) <= 4) for each in value):
            raise forms.ValidationError(NO_SUCH_CHOICE.in_words())
        return tuple(int(each) for each in value)


class BallotForm(RefusableForm):
    """A vote. Its ballot's id is made when the form is shown, so that a double tap, or sending it again, is one ballot."""

    NAMES: ClassVar = {"partyId": "", "ballotId": "ballot"}
    NEEDS_SCRIPT = _("This vote needs JavaScript: it keeps programs from voting by the thousand.")

    ballot = forms.UUIDField()
    # Of the round in which the page was made; a form without it is of the present one.
    epoch = WholeNumber(min_value=0, max_value=MOST_EPOCH, required=False)
    work = WholeNumber(min_value=0, max_value=MOST_WORK, required=False)
    choices = Picks(label=_("Your choice"), required=False)
    code = ShortText(label=_("Your one-time code"), max_length=20, required=False)

    def __init__(self, *arguments: Any, poll: Poll, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._needs_work = poll.work_bits > 0
        self._new_ballot_id = uuid4()
        self._refused = False
        if poll.dedupe == Poll.Dedupe.CODE:
            self.fields["code"].widget.attrs |= {
                "class": "code-input", "autocomplete": "one-time-code", "autocapitalize": "characters",
                "spellcheck": "false", "placeholder": "ABCD-2345", "required": True,
            }  # fmt: skip
            self.fields["code"].required = True
            self.fields["code"].error_messages["required"] = _("Type the code you were given.")
        else:
            del self.fields["code"]

    @property
    def ballot_id(self) -> UUID:
        """The id that came with the form; a new one for a form that has none, or whose vote was refused."""
        came: UUID | None = self.cleaned_data.get("ballot") if self.is_bound and not self._refused else None
        return came or self._new_ballot_id

    def refuse(self, refused: Refused) -> None:
        """Says why; the next try is another ballot, for the id may be why."""
        self._refused = True
        super().refuse(refused)

    def submission(self) -> Submission:
        """The vote, as other ways of voting say it; of a form that is valid."""
        sent = self.cleaned_data
        return Submission(ballot_id=sent["ballot"], choices=sent["choices"], work=sent["work"], epoch=sent["epoch"])

    def clean_work(self) -> int | None:
        """Raises ValidationError without it, where the poll asks for it: the browser has run no script."""
        work: int | None = self.cleaned_data["work"]
        if self._needs_work and work is None:
            raise forms.ValidationError(self.NEEDS_SCRIPT)
        return work

    def clean_code(self) -> str:
        """As codes are written: spaces and hyphens are forgiven."""
        return voters.written_code(self.cleaned_data["code"])


class ReceiptForm(RefusableForm):
    """A ballot to look up."""

    UNKNOWN: ClassVar = _("No ballot with this number is in the count of this poll.")

    ballot = forms.UUIDField(
        label=_("Ballot number"),
        error_messages={"invalid": _("This is not the number of a ballot.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "ballot-number"}),
    )
