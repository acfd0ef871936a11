"""The base of all pages of the staff admin. No admin writes a row itself: commands do.

Who may do what: every `is_staff` account may look at everything and act on lines, parties and effects; only superusers
manage venues, people and keys. Django's single permissions are not used.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django_vite.templatetags.django_vite import vite_asset_url
from unfold.admin import ModelAdmin as ThemedAdmin

from core.errors import Refused
from core.identifiers import as_uuid
from core.visible import is_visible
from web.admin_columns import page_of
from web.admin_forms import WithoutTransaction, reason
from web.admin_overtaken import Overtakable

MOST_COUNTED = 10_000
MOST_AT_ONCE = 200
# The field by which a button on a row's own page asks to come back to that page.
BACK = "back_to_page"


def stylesheet(request: HttpRequest) -> str:
    """The address of our own styles for the admin (UNFOLD's STYLES)."""
    return str(vite_asset_url("design/admin.css"))


def script(request: HttpRequest) -> str:
    """The address of our own script for the admin (UNFOLD's SCRIPTS)."""
    return str(vite_asset_url("design/admin.ts"))


class CappedPaginator(Paginator):
    """Counts at most MOST_COUNTED rows: counting a table of millions would make each page slow."""

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
    """Searchable, filterable and read-only. A subclass whose rows can be changed names the commands."""

    # Fields that hold an id. With them, a word of a search that is an id finds rows by these, each other word by search_fields.
    ids: tuple[str, ...] = ()

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

    # ---------------------------------------------------------------------------------------------------------- finding
    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row of a path; None when there is none. No key contains NUL, which Postgres refuses in any text."""
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def matches(self, word: str, wanted: UUID | None) -> Q | None:
        """Rows that one word of a search finds; `wanted` is the word as an id, if it is one. None: as Django does, by the class's
        search_fields."""
        if not self.ids:
            return None
        if wanted is not None:
            return Q(*[(name, wanted) for name in self.ids], _connector=Q.OR)
        fields = [name if name.endswith("exact") else f"{name}__icontains" for name in self.search_fields]
        return Q(*[(name, word) for name in fields], _connector=Q.OR)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that every word finds."""
        found = [self.matches(word, as_uuid(word)) for word in search_term.split()]
        if None in found:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(*[each for each in found if each is not None]), False

    # ------------------------------------------------------------------------------------------ writing, through commands
    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Texts of invisible characters only are refused beside their field, as everywhere."""
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


class ManagedAdmin(Overtakable, StaffAdmin):
    """Rows that superusers add and change, by commands."""

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
    """Copies the row that the command saved into the form's unsaved instance, for Django's log entry and redirect."""
    for field in obj._meta.concrete_fields:
        setattr(obj, field.attname, getattr(saved, field.attname))
    obj._state.adding, obj._state.db = False, saved._state.db
