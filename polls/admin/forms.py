"""The form of a new poll."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.timezone import localtime
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from core.errors import Invalid
from core.visible import trimmed
from polls import commands, rules
from polls.models import Poll
from polls.questions import API_FIELDS, check

_CLOCK = f"By the clock of the venue, else of the line; where neither has a time zone, by {settings.TIME_ZONE}."


class NewPollForm(forms.ModelForm):
    """A poll that staff make, checked by the command's own check."""

    title = forms.CharField(max_length=rules.LONGEST_TITLE, widget=UnfoldAdminTextInputWidget())
    choices = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=f"One per line, {rules.MOST_CHOICES} at most.",
    )
    open_now = forms.BooleanField(
        label="Open it now",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Else it is a draft, which nobody can vote in.",
    )

    class Meta:
        model = Poll
        fields: ClassVar = (
            "title", "description", "min_picks", "max_picks", "venue", "queue", "visibility", "dedupe", "may_change",
            "shards", "work_bits", "starts_at", "ends_at",
        )  # fmt: skip
        widgets: ClassVar = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}
        help_texts: ClassVar = dict.fromkeys(("starts_at", "ends_at"), _CLOCK)

    def clean_choices(self) -> list[str]:
        """The lines that are not empty."""
        return [trimmed(line) for line in self.cleaned_data["choices"].splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        """Shows a refusal of the command's check beside the field that it names."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("starts_at", "ends_at"):
            if data.get(name) is not None:
                data[name] = localtime(data[name]).replace(tzinfo=self._zone())
        if not self.errors:
            try:
                check(self.new_poll(), queue=data["queue"])
            except Invalid as refusal:
                field = refusal.field or ""
                self.add_error(API_FIELDS.get(field, field), refusal.message.removeprefix(f"{field}: "))
        return data

    def _zone(self) -> ZoneInfo:
        """The zone of its times (_CLOCK)."""
        venue, queue = self.cleaned_data.get("venue"), self.cleaned_data.get("queue")
        return ZoneInfo((venue.zone if venue else "") or (queue.zone if queue else "") or settings.TIME_ZONE)

    def new_poll(self) -> commands.NewPoll:
        """The checked form as a command takes it."""
        return commands.NewPoll.of(self.cleaned_data)
