"""What the lists and pages of the staff admin show: links, times by a zone's clock, columns."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display


def column(
    description: str,
    value: Callable[[Any], object],
    *,
    ordering: str | None = None,
    colours: Mapping[str, str] | None = None,
) -> Any:
    """A column or read-only field with a computed value, to be set in the class of an admin.

    `colours`: by value, the colour of the label that it is shown as (info, success, warning, danger, or "" for none).
    """

    @display(description=description, ordering=ordering, label=colours)
    def shown(page: Any, row: Any) -> object:
        return value(row)

    return shown


def page_of(row: Model) -> str:
    """The address of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def list_of(model: str, **filters: Any) -> str:
    """The address of a model's filtered list. `model` is "app_model": an app does not import those above it."""
    return reverse(f"admin:{model}_changelist", query={key: str(value) for key, value in filters.items()})


def link(address: str, text: object) -> str:
    """A link as the theme draws them."""
    return format_html('<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', address, text)


def link_to(row: Model | None) -> str:
    """A link to a row's page; a dash for None."""
    return link(page_of(row), row) if row is not None else "-"


def link_by_id(model: str | None, pk: UUID | None, word: str) -> str:
    """A link to the row with this id in the list of "app_model", for the row may be gone; a dash without an id."""
    if pk is None:
        return "-"
    text = f"{word}\u00a0{str(pk)[:8]}…"
    return link(list_of(model, id__exact=pk), text) if model else text


def local(moment: datetime | None, zone: str, *, seconds: bool = False) -> str:
    """A time in that zone, with the zone's abbreviation; a dash for None."""
    if moment is None:
        return "-"
    there = moment.astimezone(ZoneInfo(zone))
    day, clock = there.strftime("%Y-%m-%d"), there.strftime("%H:%M:%S %Z" if seconds else "%H:%M %Z")
    # In a narrow column the time wraps below the date; neither is broken.
    return format_html(
        '<span class="whitespace-nowrap">{}</span> <span class="whitespace-nowrap">{}</span>', day, clock
    )


def time_of(field: str, description: str) -> Callable[[Any], str]:
    """A column with a time to the second, in the installation's time zone (settings.TIME_ZONE)."""

    @admin.display(description=description, ordering=field)
    def column(row: Any) -> str:
        return local(getattr(row, field), settings.TIME_ZONE, seconds=True)

    return column
