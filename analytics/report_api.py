"""GET /api/reports: the report of a venue's business days for its programs, the one that owners see (docs/contracts/api.md)."""

from dataclasses import fields
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import answers, exports, reports
from analytics.figures import Figures
from analytics.forms import PeriodForm
from analytics.parties import venue_scope
from analytics.periods import MOST_DAYS, Period
from core import clock, rate_limits
from core.clock import milliseconds
from core.errors import Invalid
from core.scopes import Scope
from venues.authentication import venue_of_key
from venues.days import business_day
from venues.models import Venue
from web.endpoints import Answer, endpoint
from web.openapi import KEY
from web.serializers import Moment

KINDS = ("json", "csv")


def _day(name: str, which: str) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "string", "format": "date"},
        OpenApiParameter.QUERY,
        description=f"The {which} business day. Without both the last seven; at most {MOST_DAYS}.",
    )


_FORMAT = OpenApiParameter(
    "format",
    {"type": "string", "enum": list(KINDS), "default": "json"},
    OpenApiParameter.QUERY,
    description="`json`: figures. `csv`: a row per party, without names.",
)


def _named(field: str) -> str:
    """A figure's name in the API."""
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


# The figures by their names, made of their only definition (analytics/figures.py).
_NAMES = {field.name: _named(field.name) for field in fields(Figures)}
FigureFields: type[serializers.Serializer[Any]] = type(
    "FigureFields",
    (serializers.Serializer,),
    {
        "__doc__": "Figures of a group of parties. Waits in ms, null where no party was seated.",
        "__module__": __name__,
        **{_NAMES[field.name]: serializers.IntegerField(allow_null=field.default is None) for field in fields(Figures)},
    },
)


class DayFigures(serializers.Serializer[Any]):
    """One business day."""

    day = serializers.DateField()
    figures = FigureFields()


class HourFigures(serializers.Serializer[Any]):
    """The parties that joined in one hour of all days, by the venue's clock."""

    hour = serializers.IntegerField(min_value=0, max_value=23)
    figures = FigureFields()


class ServiceFigures(serializers.Serializer[Any]):
    """One service; null for lines without one."""

    serviceId = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    figures = FigureFields()


class LineFigures(serializers.Serializer[Any]):
    """One line."""

    code = serializers.CharField()
    eventName = serializers.CharField()
    openedAt = Moment()
    figures = FigureFields()


class AnswerFigures(serializers.Serializer[Any]):
    """What guests answered after their visits, by how right their quotes were."""

    group = serializers.ChoiceField(
        choices=list(answers.GROUPS),
        help_text="All that were asked; those called within their quoted range, to the minute; earlier; later.",
    )
    asked = serializers.IntegerField(help_text="Seated parties that were asked.")
    answered = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True, help_text="1 (bad) to 5 (very good); null where none answered.")
    counts = serializers.ListField(
        child=serializers.IntegerField(), min_length=5, max_length=5, help_text="How many answered 1, 2, 3, 4, 5."
    )


class VenueFigures(serializers.Serializer[Any]):
    """A venue's report. Days in order, hours by the business day, lines the newest first."""

    first = serializers.DateField()
    last = serializers.DateField()
    zone = serializers.CharField(help_text="Of the venue; empty where none is set.")
    total = FigureFields()
    days = DayFigures(many=True)
    hours = HourFigures(many=True)
    services = ServiceFigures(many=True)
    lines = LineFigures(many=True)
    answers = AnswerFigures(
        many=True,
        help_text="The first row counts all guests who were asked, each other one a group. Empty where no guest was asked.",
    )


@endpoint(
    "get",
    "get_report",
    answers={(200, "application/json"): VenueFigures, (200, "text/csv"): OpenApiTypes.STR},
    proof=KEY,
    scopes=[Scope.REPORTS],
    parameters=[_day("first", "first"), _day("last", "last"), _FORMAT],
)
def get_report(request: Request) -> Answer:
    """How service went: parties, waits quoted and real, no-shows, by day, hour, service and line; answers after the visit.

    The figures and the file are those of the venue's page of reports.
    """
    venue = venue_of_key(request)
    rate_limits.check(request, rate_limits.FILE, "report")
    kind = request.query_params.get("format", "json")
    if kind not in KINDS:
        raise Invalid(f"format: must be {' or '.join(KINDS)}.", field="format")
    period = _period(request, venue)
    if kind == "csv":
        return exports.of_venue(venue_scope(venue, period), period)
    return Response(_view(venue, period), headers={"Cache-Control": "no-store"})


def _period(request: Request, venue: Venue) -> Period:
    """The period, checked as the page checks it. Raises Invalid."""
    form = PeriodForm(request.GET, today=business_day(clock.now(), venue.timezone, venue.day_ends))
    for name in ("first", "last"):
        if not form.is_valid() and name in form.errors:
            raise Invalid(f"{name}: {form.errors[name][0]}", field=name)
    period: Period = form.cleaned_data["period"]
    return period


def _view(venue: Venue, period: Period) -> dict[str, Any]:
    report = reports.of_venue(venue, period)
    return {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "zone": venue.zone,
        "total": _figures(report.total),
        "days": [{"day": day.isoformat(), "figures": _figures(found)} for day, found in report.dates.items()],
        "hours": [{"hour": each.hour, "figures": _figures(each.figures)} for each in report.hours],
        "services": [
            {
                "serviceId": str(service.pk) if service else None,
                "name": service.name if service else "",
                "figures": _figures(found),
            }
            for service, found in report.services
        ],
        "lines": [
            {
                "code": line.code,
                "eventName": line.event_name,
                "openedAt": milliseconds(line.opened_at),
                "figures": _figures(found),
            }
            for line, found in report.lines
        ],
        "answers": [
            {
                "group": each.group,
                "asked": each.asked,
                "answered": each.answered,
                "mean": None if each.mean is None else round(each.mean, 2),
                "counts": list(each.counts),
            }
            for each in answers.counted(venue_scope(venue, period))
        ],
    }


def _figures(found: Figures) -> dict[str, int | None]:
    return {outside: getattr(found, name) for name, outside in _NAMES.items()}
