"""The pages on which owners and managers set up their tables: which there are, in which sections, how they are given out."""

from functools import partial
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from core.json_types import View
from venues import commands
from venues.owner_pages import Desk, at_desk
from venues.roles import Right
from venues.table_forms import AddTablesForm, OrderForm, SectionForm, TableForm
from venues.tables import Table, in_order, sections_in
from web.forms import RefusableForm
from web.redirects import SeeOther


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.SET_UP)
def tables(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The venue's tables, as a list or (`?view=grid`) a grid; a POST adds some."""
    form = AddTablesForm(request.POST if request.method == "POST" else None)
    add = partial(commands.add_tables, venue_id=desk.venue.pk, actor=desk.actor)
    if form.is_valid() and form.carried_out(lambda: add(**form.cleaned_data)):
        return _done(request, desk, "Saved.")
    return _list_page(request, desk, add=form)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.SET_UP)
def table(request: HttpRequest, desk: Desk, table_id: int) -> HttpResponse:
    """One table: its name, seats and section, and which others it can be joined with. Raises Http404 for another venue's table
    and for one out of use."""
    in_use = _tables(desk)
    found = next((each for each in in_use if each.pk == table_id), None)
    if found is None:
        raise Http404("unknown table")
    others = [each for each in in_use if each != found]
    form = TableForm(request.POST if request.method == "POST" else None, table=found, others=others)
    change = partial(commands.change_table, venue_id=desk.venue.pk, table_id=found.pk, actor=desk.actor)
    if form.is_valid() and form.carried_out(lambda: change(**form.cleaned_data)):
        return _done(request, desk, "Saved.")
    context = {"desk": desk, "form": form, "table": found, "sections": sections_in(others), "list": desk.path("tables")}
    return render(request, "host/table.html", context, status=form.status)


@require_POST
@at_desk(Right.SET_UP)
def remove(request: HttpRequest, desk: Desk, table_id: int) -> HttpResponse:
    """Takes the table out of use; done twice, it is."""
    found = desk.venue.tables.filter(pk=table_id).first()
    if found is None:
        raise Http404("unknown table")
    if found.archived_at is None:
        commands.remove_table(venue_id=desk.venue.pk, table_id=table_id, actor=desk.actor)
    return _done(request, desk, f"Table {found} is removed.")


@require_POST
@at_desk(Right.SET_UP)
def rename_section(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Gives a section another name."""
    form = SectionForm(request.POST)
    rename = partial(commands.rename_section, venue_id=desk.venue.pk, actor=desk.actor)
    if form.is_valid() and form.carried_out(lambda: rename(**form.cleaned_data)):
        return _done(request, desk, "Saved.")
    return _list_page(request, desk, renamed=form)


@require_POST
@at_desk(Right.SET_UP)
def order(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Changes how often a party may be passed over."""
    form = OrderForm(request.POST, row=desk.venue)
    change = partial(commands.change_venue, venue_id=desk.venue.pk, actor=desk.actor)
    if form.is_valid() and form.carried_out(lambda: change(**form.cleaned_data)):
        return _done(request, desk, "Saved.")
    return _list_page(request, desk, order=form)


# ------------------------------------------------------------------------------------------------------------------ parts
def _tables(desk: Desk) -> list[Table]:
    return in_order(desk.venue.tables.filter(archived_at=None).prefetch_related("joins"))


def _done(request: HttpRequest, desk: Desk, text: str) -> HttpResponse:
    messages.success(request, text)
    return SeeOther(desk.path("tables"))


def _list_page(request: HttpRequest, desk: Desk, **sent: RefusableForm) -> HttpResponse:
    """The page with its forms, of which one may have been sent."""
    found = _tables(desk)
    forms: dict[str, RefusableForm] = {"add": AddTablesForm(), "order": OrderForm(row=desk.venue), **sent}
    context = {
        "desk": desk,
        "groups": [_group(section, list(tables)) for section, tables in groupby(found, lambda each: each.section)],
        "sections": sections_in(found),
        "count": len(found),
        "seats": sum(each.seats for each in found),
        "grid": request.GET.get("view") == "grid",
        "paths": {
            "list": desk.path("tables"),
            "grid": f"{desk.path('tables')}&view=grid",
            "section": desk.path("rename-section"),
            "order": desk.path("tables-order"),
        },
        **forms,
    }
    status = max(form.status for form in forms.values())
    return render(request, "host/tables.html", context, status=status)


def _group(section: str, tables: list[Table]) -> View:
    """A section as the page shows it."""
    shown = [(each, ", ".join(map(str, in_order(each.joins.all())))) for each in tables]
    return {"section": section, "tables": shown, "seats": sum(each.seats for each in tables)}
