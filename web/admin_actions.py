"""Actions of the staff admin: buttons on a row's page, commands given to the rows chosen in a list, questions before them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.actors import Actor
from web.admin import BACK, StaffAdmin
from web.admin_columns import page_of


@dataclass(frozen=True, slots=True)
class Button:
    """Posts an action of the list for this one row; `ask` is what to ask before."""

    action: str
    label: str
    main: bool = False
    ask: str = ""


def actor_of(request: HttpRequest) -> Actor:
    """The member of staff who gives a command."""
    return Actor("staff", request.user.pk)


def command_action(command: Callable[..., object], description: str, *, done: str) -> Any:
    """An action that calls `command(pk, actor=)` for each chosen row. `done`: how the message to staff begins."""

    @admin.action(description=description)
    def act(page: StaffAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        actor = actor_of(request)
        return page.run(request, queryset, lambda row: command(row.pk, actor=actor), done=done)

    return act


class ActionsAdmin(StaffAdmin):
    """A row's page has buttons above it and its log below; actions may ask before they are done."""

    change_form_outer_before_template = "admin/tallyline/buttons.html"
    change_form_outer_after_template = "admin/tallyline/story.html"

    def page(self, row: Any) -> dict[str, Any]:
        """Buttons, log and the other context of the page of `row`."""
        raise NotImplementedError

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, object_id)
        more = {} if row is None else self.page(row)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def confirm(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        *,
        action: str,
        title: str,
        what: str,
        losses: list[str],
        reasons: Mapping[str, str] | None = None,
    ) -> HttpResponse | None:
        """The page that asks before `action`; None once it was answered with yes. `reasons`: one is chosen, and posted as
        `reason`."""
        if request.POST.get("confirmed"):
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "what": what,
            "losses": losses,
            "reasons": reasons or {},
            "action": action,
            "ids": [row.pk for row in rows],
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": BACK if BACK in request.POST else "",
            "back_url": page_of(rows[0]) if BACK in request.POST and rows else "",
        }
        return TemplateResponse(request, "admin/tallyline/confirm.html", context)


class DeletableAdmin(ActionsAdmin):
    """Rows that staff may delete, by `delete_command(pk, actor=)`. `losses` counts what goes with them."""

    delete_command: Callable[..., object]

    def losses(self, rows: Any) -> dict[str, str]:
        """What is deleted with the rows: a number, as text, by its name."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Only `losses`: Django would list every row, and does not know those of tables with composite keys."""
        return [str(row) for row in objs], self.losses(objs), set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_command(obj.pk, actor=actor_of(request))
