"""The tables of venues."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from venues import commands
from venues.tables import Table
from web.admin import ManagedAdmin, take_over
from web.admin_actions import actor_of
from web.admin_columns import column


class TableForm(forms.ModelForm):
    """A table of a venue."""

    class Meta:
        model = Table
        fields = ("name", "seats", "section")


@admin.register(Table)
class TableAdmin(ManagedAdmin):
    """Tables are archived, never deleted: parties sat there. They are added and joined on the venue's own pages."""

    form = TableForm
    list_display = ("name", "venue", "section", "seats", "joined_with", "state")
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "venue", "seats")
    list_select_related = ("venue",)
    search_fields = ("name", "section", "venue__name")
    actions = ("archive",)
    fields = ("venue", "name", "seats", "section", "joined_with", "state")

    readonly_fields = ("venue", "joined_with", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Table]:
        return super().get_queryset(request).prefetch_related("joins")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    state = column(
        "State",
        lambda table: "archived" if table.archived_at else "in use",
        ordering="archived_at",
        colours={"in use": "success", "archived": ""},
    )
    joined_with = column(
        "Can be joined with",
        lambda table: ", ".join(sorted(map(str, table.joins.all()))) or "-",
    )

    def shown(self, row: Table) -> dict[str, Any]:
        return {name: getattr(row, name) for name in ("name", "seats", "section")}

    def save_model(self, request: HttpRequest, obj: Table, form: Any, change: bool) -> None:
        data = {name: form.cleaned_data[name] for name in ("name", "seats", "section")} | {"saw": self.saw(request)}
        saved = commands.change_table(venue_id=obj.venue_id, table_id=obj.pk, actor=actor_of(request), **data)
        take_over(obj, saved)

    @admin.action(description="Archive: nobody is seated there any more", permissions=["manage"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Table]) -> HttpResponse | None:
        """Takes the chosen tables out of use."""
        actor = actor_of(request)

        def remove(table: Table) -> None:
            if table.archived_at is None:
                commands.remove_table(venue_id=table.venue_id, table_id=table.pk, actor=actor)

        return self.run(request, queryset, remove, done="Archived")
