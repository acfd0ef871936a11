"""The forms of the staff admin: a command carries them out, its refusal is shown, one sent twice acts once (decision 0041)."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import BadRequest, ValidationError
from django.db import IntegrityError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core.errors import Refused
from core.seen import Overtaken
from web.sending import Form, new_form_key


def reason(refusal: Refused | ValidationError) -> str:
    """The message of a refusal or of a form's errors."""
    return refusal.message if isinstance(refusal, Refused) else " ".join(refusal.messages)


def _require_key(model: Any, name: str, chosen: str) -> None:
    """Raises BadRequest for a value that is no primary key of `model`; Django would send it to the database (500)."""
    try:
        key = model._meta.pk.to_python(chosen)
    except (ValidationError, ValueError, TypeError, OverflowError):
        key = None
    if key is None or "\x00" in chosen:
        raise BadRequest(f"{name}: there is no such row.")


class WithoutTransaction(admin.ModelAdmin):
    """Form and delete views without Django's transaction around them: commands are durable transactions, which cannot be nested.

    Comes just before Django's ModelAdmin in the order of classes, so that the theme's overrides still run around it.
    """

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        for selected in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
            _require_key(self.model, helpers.ACTION_CHECKBOX_NAME, selected)
        for name, values in request.GET.lists():
            if any("\x00" in value for value in values):
                raise BadRequest(f"{name}: there are no such characters in it.")
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        adding = object_id is None and self.has_add_permission(request)
        may_write = self.has_change_permission(request) if object_id else adding
        for field in self.model._meta.concrete_fields if may_write else ():  # all others are refused below
            if field.related_model is not None and (chosen := request.POST.get(field.name)):
                _require_key(field.related_model, field.name, chosen)
        extra_context = {**(extra_context or {}), **self.carried(request, object_id)}
        if adding:
            extra_context["form_key"] = new_form_key()
            self._form(request).offer(request)
            if made := self._made(request):
                return self.response_add(request, made)
        refusal, answer = None, None
        try:
            answer = self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]
        except (Refused, ValidationError, IntegrityError) as problem:
            refusal = problem
        # Refused or shown again: perhaps the same form, sent twice at once, has been carried out.
        if adding and (answer is None or answer.status_code == HTTPStatus.OK) and (made := self._made(request)):
            return self.response_add(request, made)
        if isinstance(refusal, IntegrityError):
            raise refusal
        if object_id and isinstance(refusal, Overtaken):
            return self.shown_again(request, object_id, form_url, extra_context, refusal)
        return answer if refusal is None else self._refused(request, refusal)

    def carried(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        """What the form carries hidden, for the page's context: what it shows of a row that can be changed."""
        return {}

    def shown_again(
        self, request: HttpRequest, object_id: str, form_url: str, context: dict[str, Any] | None, why: Overtaken
    ) -> HttpResponse:
        """The page of a form that was overtaken (web/admin_overtaken.py)."""
        return self._refused(request, why)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        try:
            return self._delete_view(request, object_id, extra_context)  # type: ignore[attr-defined]
        except (Refused, ValidationError) as refusal:
            return self._refused(request, refusal)

    # -------------------------------------------------------------------------------- forms that are sent again (decision 0041)
    def made_with(self, request: HttpRequest, key: str) -> Model | None:
        """The row that was made with this idempotency key. A class whose rows can be added passes the key to its command."""
        raise NotImplementedError(f"{type(self).__name__} cannot find what it has made by its key")

    def form_key(self, request: HttpRequest) -> str:
        """The idempotency key of the form by which a row is added."""
        return self._form(request).key(request)

    def answered(self, request: HttpRequest) -> None:
        """Marks the form as carried out: the answer to this request says so."""
        self._form(request).answered(request)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        self.answered(request)
        return super().response_add(request, obj, post_url_continue)

    def _form(self, request: HttpRequest) -> Form:
        return Form(f"form_admin_{self.opts.model_name}", request.path)

    def _made(self, request: HttpRequest) -> Any:
        key = self.form_key(request) if request.method == "POST" else ""
        return self.made_with(request, key) if key else None

    def _refused(self, request: HttpRequest, refusal: Refused | ValidationError) -> HttpResponse:
        """Shows the refusal on the page that the form came from."""
        self.message_user(request, reason(refusal), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
