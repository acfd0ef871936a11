"""The pages of a venue's services and hours: what opens when, set up by owners and managers, opened by hosts."""

from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock, rate_limits
from core.errors import Refused
from core.json_types import View
from core.times_of_day import time_of_day
from queues import commands
from queues.models import Queue
from venues import commands as venues
from venues.hours import now_in, text_of
from venues.models import Service
from venues.owner_pages import Desk, at_desk
from venues.roles import Right, may
from venues.schedules import hours_of, openings_today, spans_of, week_of
from venues.service_forms import DAY_FIELDS, DateForm, ServiceForm
from venues.tables import sections_of
from web.redirects import SeeOther
from web.sending import Form

_NEW_SERVICE = Form("form_service", "/venue/services")


@require_safe
@at_desk(Right.RUN)
def services(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The venue's services: what is open, what opens when, and the dates with other hours."""
    return _list_page(request, desk, _date_form(desk))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.SET_UP)
def new_service(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A form for a new service."""
    form = ServiceForm(request.POST if request.method == "POST" else None, sections=sections_of(desk.venue.pk))
    make = partial(venues.create_service, venue_id=desk.venue.pk, actor=desk.actor)
    if form.is_valid() and form.carried_out(
        lambda: make(**form.settings(), key=_NEW_SERVICE.key(request, about=desk.venue.pk))
    ):
        _NEW_SERVICE.answered(request)
        messages.success(request, f"{form.cleaned_data['name']} is set up.")
        return SeeOther(desk.path("services"))
    _NEW_SERVICE.offer(request)
    return _form_page(request, desk, form)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.SET_UP)
def service(request: HttpRequest, desk: Desk, service_id: UUID) -> HttpResponse:
    """A service's settings and hours."""
    found = _service(desk, service_id)
    data = request.POST if request.method == "POST" else None
    form = ServiceForm(data, service=found, sections=sections_of(desk.venue.pk))
    change = partial(venues.change_service, service_id=found.pk, actor=desk.actor)
    if form.is_valid() and form.carried_out(lambda: change(**form.settings(), saw=form.cleaned_data["saw"])):
        messages.success(
            request, "Saved. A line that is open keeps its own hours and rules: change them on its console."
        )
        return SeeOther(desk.path("services"))
    return _form_page(request, desk, form, service=found)


@require_POST
@at_desk(Right.RUN)
def open_service(request: HttpRequest, desk: Desk, service_id: UUID) -> HttpResponse:
    """Opens the service's line now and leads to its console; to that of the line that is open already."""
    found = _service(desk, service_id)
    try:
        rate_limits.check(request, rate_limits.CREATE, "create")
        line = commands.open_service(found.pk, actor=desk.actor)
    except Refused as refused:
        already = _open_lines(found).first()
        if already is None:
            messages.error(request, refused.message)
            return SeeOther(desk.path("services"))
        line = already
    return SeeOther(reverse("console", args=[line.code]))


@require_POST
@at_desk(Right.SET_UP)
def use_service(request: HttpRequest, desk: Desk, service_id: UUID) -> HttpResponse:
    """Takes the service out of use, or into use again, as the button says."""
    found = _service(desk, service_id)
    again = request.POST.get("use") == "again"
    (venues.restore_service if again else venues.archive_service)(service_id=found.pk, actor=desk.actor)
    messages.success(request, f"{found} is in use again." if again else f"{found} opens no more lines.")
    return SeeOther(desk.path("services"))


@require_POST
@at_desk(Right.SET_UP)
def new_date(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Says what opens on one date."""
    form = _date_form(desk, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        say = partial(
            venues.set_exception, venue_id=desk.venue.pk, service_id=data["service"] or None, day=data["date"]
        )
        others = {name: data[name] for name in ("spans", "name", "saw")}
        if form.carried_out(lambda: say(**others, actor=desk.actor)):
            return SeeOther(desk.path("services") + "#dates")
    return _list_page(request, desk, form)


@require_POST
@at_desk(Right.SET_UP)
def remove_date(request: HttpRequest, desk: Desk, date_id: int) -> HttpResponse:
    """The weekday's hours are good on that date again."""
    venues.remove_exception(venue_id=desk.venue.pk, exception_id=date_id, actor=desk.actor)
    return SeeOther(desk.path("services") + "#dates")


# ------------------------------------------------------------------------------------------------------------------ parts
def _service(desk: Desk, service_id: UUID) -> Service:
    """Raises Http404 for one of another venue."""
    found = desk.venue.services.filter(pk=service_id).first()
    if found is None:
        raise Http404("unknown service")
    return found


def _open_lines(service: Service) -> QuerySet[Queue]:
    return service.queues.filter(closed_at=None).order_by("-opened_at", "code")


def _in_use(desk: Desk) -> list[Service]:
    return list(desk.venue.services.filter(archived_at=None))


def _today(desk: Desk) -> date:
    return now_in(desk.venue.timezone, clock.now()).date()


def _date_form(desk: Desk, typed: QueryDict | None = None) -> DateForm:
    return DateForm(typed, venue=desk.venue, services=_in_use(desk), today=_today(desk))


def _form_page(request: HttpRequest, desk: Desk, form: ServiceForm, *, service: Service | None = None) -> HttpResponse:
    context = {"desk": desk, "form": form, "service": service}
    return render(request, "host/service.html", context, status=form.status)


def _list_page(request: HttpRequest, desk: Desk, form: DateForm) -> HttpResponse:
    now = clock.now()
    context = {
        "desk": desk,
        "services": [_shown(each, now) for each in _in_use(desk)],
        "archived": desk.venue.services.exclude(archived_at=None),
        "dates": [(each, text_of(spans_of(each), time_of_day) or "closed") for each in form.dates],
        "form": form,
        "may_set_up": may(desk.person, desk.venue.pk, Right.SET_UP),
    }
    return render(request, "host/services.html", context, status=form.status)


def _shown(service: Service, now: datetime) -> View:
    """A service as the list shows it: its open lines, its openings of today, its week, when it opens next."""
    plan = hours_of(service)
    zone = plan.zone if plan else ""
    week = [
        (day[:3].title(), text_of(spans, time_of_day)) for day, spans in zip(DAY_FIELDS, week_of(service), strict=True)
    ]
    today = [
        f"{time_of_day(each.opens, zone)}–{time_of_day(each.closes, zone)}"  # noqa: RUF001
        for each in openings_today(service, now)
    ]
    opens = now_in(zone, service.opens_next_at) if service.opens_next_at and service.opens_next_at > now else None
    return {
        "service": service,
        "lines": _open_lines(service),
        "today": today,
        "week": [(day, text) for day, text in week if text],
        "next": f"{date_format(opens, 'l j F')}, {time_of_day(opens)}" if opens else "",
    }
