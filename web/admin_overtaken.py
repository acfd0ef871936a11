"""The admin's forms carry what they showed, as those of owners do; what was changed meanwhile is shown beside each field
(decision 0105)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from core import seen
from web.settings_form import told

# On a request whose form was refused: why.
_REFUSED = "_overtaken"


class _Refused:
    """Before a form's own class: refuses it, and says beside each field what stands now."""

    overtaken: seen.Overtaken

    def clean(self: Any) -> dict[str, Any]:
        """Adds a complaint to each field that was typed over something else."""
        data: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc]
        for name in self.changed_data:
            field = self.fields[name]
            self.add_error(name, f"Now: {told(field, self.get_initial_for_field(field, name))}.")
        by = f" It was {self.overtaken.by}." if self.overtaken.by else ""
        self.add_error(None, f"{self.overtaken.message}{by}")
        return data


class Overtakable(admin.ModelAdmin):
    """Rows whose settings are changed by a form. `save_model` gives the command what the form showed: `saw(request)`."""

    def shown(self, row: Any) -> Mapping[str, Any]:
        """What the form shows of a row, by the names by which the command notes its changes."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its form shows")

    def saw(self, request: HttpRequest) -> str:
        """What the form showed that was sent."""
        return request.POST.get(seen.SAW, "")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if refused := getattr(request, _REFUSED, None):
            return type("Refused", (_Refused, form), {"overtaken": refused})
        return form

    def carried(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        """What the form shows; where it was sent and has other faults, what it showed then."""
        saw = self.saw(request)
        if request.method != "POST" or hasattr(request, _REFUSED):
            row: Model | None = self.get_object(request, object_id) if object_id else None
            saw = seen.shown(self.shown(row)) if row is not None and self.has_change_permission(request, row) else ""
        return {seen.SAW: saw}

    def shown_again(
        self, request: HttpRequest, object_id: str, form_url: str, context: dict[str, Any] | None, why: seen.Overtaken
    ) -> HttpResponse:
        """The page after such a refusal: what was typed, and what stands now. Sent again, it is carried out."""
        setattr(request, _REFUSED, why)
        context = {**(context or {}), **self.carried(request, object_id)}
        response: HttpResponse = self._changeform_view(request, object_id, form_url, context)  # type: ignore[attr-defined]
        response.status_code = HTTPStatus.CONFLICT
        return response
