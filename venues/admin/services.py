"""Services, their hours, and the dates on which others are good."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminTextInputWidget

from venues import commands
from venues.commands.services import name_of_date, told_of_date, week_as_told
from venues.hours import Span, text_of
from venues.models import HoursException, OpeningHours, Service, Venue
from venues.schedules import spans_of, week_of
from venues.service_forms import DAY_FIELDS, HoursText, NamesText, WeekForm, week_texts
from web.admin import ManagedAdmin, StaffAdmin, is_manager, take_over
from web.admin_actions import actor_of
from web.admin_columns import column, link, list_of, local

SETTINGS = (
    "name",
    "position",
    "max_guests",
    "call_window_s",
    "auto_advance",
    "auto_no_show",
    "on_my_way_s",
    "last_entry_min",
    "note_fields",
    "sections",
)


def by_the_clock_of(venue: Venue, text: str) -> str:
    """Hours as text, with the name of the venue's zone; empty text stays empty."""
    return text and f"{text} ({venue.timezone})"


def _themed(field: forms.Field) -> None:
    field.widget = UnfoldAdminTextInputWidget(attrs=field.widget.attrs)


class ServiceForm(WeekForm, forms.ModelForm):
    """A service and its week."""

    note_fields = NamesText(label="What guests may note")
    sections = NamesText(label="Sections")

    class Meta:
        model = Service
        fields = ("venue", *SETTINGS)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        service = options.get("instance")
        options["initial"] = {**week_texts(service), **(options.get("initial") or {})}
        super().__init__(*arguments, **options)
        for name in (*DAY_FIELDS, "note_fields", "sections"):
            _themed(self.fields[name])


@admin.register(Service)
class ServiceAdmin(ManagedAdmin):
    """What venues open again and again. Services are archived, never deleted: their lines are theirs."""

    form = ServiceForm
    list_display = ("name", "venue", "state", "week", "opens_next")
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "venue", "auto_advance")
    list_select_related = ("venue",)
    search_fields = ("name", "venue__name")
    actions = ("archive", "restore")
    fieldsets = (
        (None, {"fields": ("venue", "name", "position", "state", "opens_next", "more")}),
        ("Hours", {"fields": DAY_FIELDS, "description": "As 11:30–14:30, 17:30–22:00. Over midnight: 18:00–02:00."}),
        (
            "Rules",
            {
                "fields": (
                    "max_guests",
                    "call_window_s",
                    "auto_no_show",
                    "auto_advance",
                    "on_my_way_s",
                    "last_entry_min",
                    "note_fields",
                    "sections",
                )
            },
        ),  # fmt: skip
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        return super().get_queryset(request).prefetch_related("opening_hours")

    def get_readonly_fields(self, request: HttpRequest, obj: Service | None = None) -> Any:
        shown = ("state", "opens_next", "more")
        return ("venue", *shown) if obj else shown

    state = column(
        "State",
        lambda service: "archived" if service.archived_at else "in use",
        ordering="archived_at",
        colours={"in use": "success", "archived": ""},
    )
    week = column(
        "Hours",
        lambda service: (
            by_the_clock_of(
                service.venue,
                "; ".join(
                    f"{day[:3].title()} {text_of(spans)}"
                    for day, spans in zip(DAY_FIELDS, week_of(service), strict=True)
                    if spans
                ),
            )
            or "-"
        ),
    )
    opens_next = column(
        "Opens next", lambda service: local(service.opens_next_at, service.venue.timezone), ordering="opens_next_at"
    )
    more = column(
        "See also",
        lambda service: (
            link(list_of("queues_queue", service__id__exact=service.pk), "Its lines") if service.pk else "-"
        ),
    )

    def shown(self, row: Service) -> dict[str, Any]:
        return {name: getattr(row, name) for name in SETTINGS} | {"week": week_as_told(row)}

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        data = {name: form.cleaned_data[name] for name in SETTINGS} | {"week": form.week()}
        actor = actor_of(request)
        if change:
            saved = commands.change_service(service_id=obj.pk, saw=self.saw(request), actor=actor, **data)
        else:
            saved = commands.create_service(venue_id=obj.venue_id, key=self.form_key(request), actor=actor, **data)
        take_over(obj, saved)

    def made_with(self, request: HttpRequest, key: str) -> Service | None:
        return commands.made_with(Service, key)

    @admin.action(description="Archive: they open no more lines", permissions=["manage"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Service]) -> HttpResponse | None:
        """Takes the chosen services out of use."""
        archive = partial(commands.archive_service, actor=actor_of(request))
        return self.run(request, queryset, lambda each: archive(service_id=each.pk), done="Archived")

    @admin.action(description="Take into use again", permissions=["manage"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Service]) -> HttpResponse | None:
        """Takes the chosen services into use again."""
        restore = partial(commands.restore_service, actor=actor_of(request))
        return self.run(request, queryset, lambda each: restore(service_id=each.pk), done="In use")


@admin.register(OpeningHours)
class OpeningHoursAdmin(StaffAdmin):
    """The spans of all weeks, to look at; they are changed on their service's page."""

    list_display = ("service", "venue", "weekday", "hours")
    list_filter = ("weekday", "service__venue")
    list_select_related = ("service__venue",)
    search_fields = ("service__name", "service__venue__name")
    venue = column("Venue", lambda hours: hours.service.venue)
    hours = column(
        "Hours",
        lambda hours: by_the_clock_of(hours.service.venue, text_of((Span(hours.opens, hours.closes),))),
        ordering="opens",
    )


class ExceptionForm(forms.ModelForm):
    """What opens on one date."""

    spans = HoursText(label="Hours")

    class Meta:
        model = HoursException
        fields = ("venue", "service", "date", "spans", "name")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        if (exception := options.get("instance")) is not None:
            options["initial"] = {"spans": text_of(spans_of(exception)), **(options.get("initial") or {})}
        super().__init__(*arguments, **options)
        _themed(self.fields["spans"])

    def clean(self) -> dict[str, Any]:
        """A service is one of the venue's."""
        data = super().clean() or self.cleaned_data
        service, venue = data.get("service"), data.get("venue")
        if service is not None and venue is not None and service.venue_id != venue.pk:
            self.add_error("service", "This is a service of another venue.")
        return data


@admin.register(HoursException)
class HoursExceptionAdmin(ManagedAdmin):
    """Dates with other hours than their weekday's: of one service, or (without one) of the whole venue."""

    form = ExceptionForm
    list_display = ("date", "name", "venue", "service", "hours")
    list_filter = ("venue", "date")
    list_select_related = ("venue", "service")
    search_fields = ("name", "venue__name", "service__name")
    date_hierarchy = "date"
    fields = ("venue", "service", "date", "spans", "name")

    hours = column(
        "Hours", lambda exception: by_the_clock_of(exception.venue, text_of(spans_of(exception))) or "closed"
    )

    def get_readonly_fields(self, request: HttpRequest, obj: HoursException | None = None) -> Any:
        return ("venue", "service", "date") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)

    def shown(self, row: HoursException) -> dict[str, Any]:
        return {name_of_date(row): told_of_date(row)}

    def save_model(self, request: HttpRequest, obj: HoursException, form: Any, change: bool) -> None:
        data = {name: form.cleaned_data[name] for name in ("spans", "name")}
        more: dict[str, Any] = {"key": self.form_key(request), "saw": self.saw(request), "actor": actor_of(request)}
        saved = commands.set_exception(venue_id=obj.venue_id, service_id=obj.service_id, day=obj.date, **data, **more)
        take_over(obj, saved)

    def delete_model(self, request: HttpRequest, obj: HoursException) -> None:
        commands.remove_exception(venue_id=obj.venue_id, exception_id=obj.pk, actor=actor_of(request))

    def made_with(self, request: HttpRequest, key: str) -> HoursException | None:
        return commands.made_with(HoursException, key)
