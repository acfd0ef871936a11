"""What all pages of the staff admin share. Nothing here or in an app's admin writes a row itself: commands do.

Who may do what: every `is_staff` account may look at everything and act on lines, parties and effects; only superusers
manage venues, people and keys. Django's single permissions are not used.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django_vite.templatetags.django_vite import vite_asset_url
from unfold.admin import ModelAdmin as ThemedAdmin

from core.errors import Refused
from core.visible import is_visible
from web.admin_forms import WithoutTransaction, reason

MOST_COUNTED = 10_000
MOST_AT_ONCE = 200
# The field by which a button on a row's own page asks to come back to that page.
BACK = "back_to_page"


class ContentSecurityPolicy(CSPMiddleware):
    """The site's strict policy; on the admin's pages only, what its theme needs besides.

    Alpine.js makes functions of the expressions in the page (unsafe-eval), htmx and the theme's colours are <style>
    elements and attributes (unsafe-inline, for styles only). Inline scripts stay forbidden.
    """

    ADMIN = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """django-csp's hook: the directives for this answer."""
        parts = super().get_policy_parts(request, response, report_only)
        match = request.resolver_match
        if match is not None and "admin" in match.app_names:
            parts.replace = {**(parts.replace or {}), **self.ADMIN}
        return parts


def stylesheet(request: HttpRequest) -> str:
    """The address of our own styles for the admin (UNFOLD's STYLES)."""
    return str(vite_asset_url("design/admin.css"))


class CappedPaginator(Paginator):
    """Counts to MOST_COUNTED and no further: on a table of millions nobody leafs to the end, but everybody would wait."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most MOST_COUNTED."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:MOST_COUNTED].count()
        return len(rows)


def _seen(text: str) -> None:
    if text and not is_visible(text):
        raise ValidationError("Nothing of this can be seen.")


class StaffAdmin(ThemedAdmin, WithoutTransaction):
    """Searchable and filterable, but read-only: what can be changed says so by naming a command in its own class."""

    list_per_page = 50
    change_form_before_template = "admin/tallyline/form_key.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    list_disable_select_all = True
    list_filter_sheet = False

    # ------------------------------------------------------------------------------------------------------ who may what
    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """For actions that only superusers may do: `@admin.action(permissions=["manage"])`."""
        return is_manager(request)

    # ------------------------------------------------------------------------------------------ writing, through commands
    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Texts of which nothing can be seen are refused beside their field, as everywhere."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if isinstance(field, forms.CharField):
            field.validators.append(_seen)
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A class that lets rows be added or changed calls its command here."""
        raise NotImplementedError(f"{type(self).__name__} names no command")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """A class that lets rows be deleted calls its command here."""
        raise NotImplementedError(f"{type(self).__name__} names no command")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def run(
        self,
        request: HttpRequest,
        rows: Iterable[Any],
        command: Callable[[Any], object],
        *,
        done: str,
        name: Callable[[Any], str] = str,
    ) -> HttpResponse | None:
        """An action: `command` for each row, each in its own transaction; says what was done and what was refused, and why.

        A command that returns False did nothing, since there was nothing to do.
        """
        chosen = list(rows[: MOST_AT_ONCE + 1] if isinstance(rows, QuerySet) else rows)
        if len(chosen) > MOST_AT_ONCE:
            self.message_user(request, f"Nothing was done: choose {MOST_AT_ONCE} at most.", messages.ERROR)
            return None
        well: list[str] = []
        refused: dict[str, list[str]] = defaultdict(list)
        for row in chosen:
            try:
                nothing_to_do = command(row) is False
            except (Refused, ValidationError) as refusal:
                refused[reason(refusal)].append(name(row))
            else:
                (refused["Nothing to do."] if nothing_to_do else well).append(name(row))
        if well:
            self.message_user(request, f"{done}: {', '.join(well)}.", messages.SUCCESS)
        for why, names in refused.items():
            self.message_user(request, f"Not done for {', '.join(names)}: {why}", messages.ERROR)
        if BACK in request.POST and len(chosen) == 1:
            return HttpResponseRedirect(page_of(chosen[0]))
        return None


class ManagedAdmin(StaffAdmin):
    """What superusers add and change, by commands."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_manager(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_manager(request)


def is_staff(request: HttpRequest) -> bool:
    """May enter the admin and look."""
    return bool(request.user.is_active and request.user.is_staff)


def is_manager(request: HttpRequest) -> bool:
    """May also manage venues, people and keys."""
    return is_staff(request) and bool(request.user.is_superuser)


def take_over(obj: Model, saved: Model) -> None:
    """Makes the form's unsaved instance what the command has saved, for the log entry and the redirect after it."""
    for field in obj._meta.concrete_fields:
        setattr(obj, field.attname, getattr(saved, field.attname))
    obj._state.adding, obj._state.db = False, saved._state.db


def as_uuid(text: str) -> UUID | None:
    """The id that somebody searches for, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


# -------------------------------------------------------------------------------------------------------- showing things
def page_of(row: Model) -> str:
    """The address of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def list_of(model: str, **filters: Any) -> str:
    """The address of a model's list, filtered; the model as "app_model", for apps do not import those above them."""
    return reverse(f"admin:{model}_changelist", query={key: str(value) for key, value in filters.items()})


def link(address: str, text: object) -> str:
    """A link as the theme draws them."""
    return format_html('<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', address, text)


def link_to(row: Model | None) -> str:
    """A link to a row's page; a dash for None."""
    return link(page_of(row), row) if row is not None else "-"


def local(moment: datetime | None, zone: str, *, seconds: bool = False) -> str:
    """A time by the clock of that zone, which it names; a dash for None."""
    if moment is None:
        return "-"
    there = moment.astimezone(ZoneInfo(zone))
    day, clock = there.strftime("%Y-%m-%d"), there.strftime("%H:%M:%S %Z" if seconds else "%H:%M %Z")
    # In a narrow column the time stands under the day; neither is broken.
    return format_html(
        '<span class="whitespace-nowrap">{}</span> <span class="whitespace-nowrap">{}</span>', day, clock
    )


def time_of(field: str, description: str) -> Callable[[Any], str]:
    """A column for a time that belongs to no line, to the second, by the installation's clock (settings.TIME_ZONE)."""

    @admin.display(description=description, ordering=field)
    def column(row: Any) -> str:
        return local(getattr(row, field), settings.TIME_ZONE, seconds=True)

    return column
