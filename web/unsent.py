"""Answers to a form that was not carried out although its fields are valid: the page is stale (its CSRF token has changed, e.g.
by signing in in another tab), or its sender is signed out. Both differ from "not allowed".

A script gets JSON and the header `X-Unsent`; with the fresh token it sends a stale form again by itself
(frontend/shared/send.ts). Without scripts the person gets a page with the same form, all they typed in it, and a fresh token.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.languages import speak

HEADER = "X-Unsent"
STALE, SIGNED_OUT, NOT_HOST = "stale-form", "signed-out", "not-host"
PROOF_FIELD = "csrfmiddlewaretoken"
# Fields that mean nothing to a person.
_SILENT = frozenset(
    {"key", "party", "version", "place", "behind", "timezone", "quote_was", "next", "size", "code", "token"}
)


def wants_fragment(request: HttpRequest) -> bool:
    """Whether a script of the page asks, which takes a part of the page in place of a redirect."""
    return "x-fragment" in request.headers


def stale(request: HttpRequest) -> HttpResponse:
    """403: the form's CSRF token is not this browser's any more; nothing was done."""
    speak(request)
    if wants_fragment(request):
        data = {
            "error": _("The page was too old. Nothing was changed. Please press again."),
            "token": get_token(request),
        }
        return _to_script(STALE, data)
    return _form_again(request, {"why": STALE})


def signed_out(request: HttpRequest, *, back: str, not_done: str = "") -> HttpResponse:
    """403: the sign-in that the page was opened with has ended. `back`: the page to come back to; `not_done`: a sentence that
    says what was not carried out, e.g. "The call of #12 was not made."."""
    sign_in = f"{reverse('sign-in')}?{urlencode({'next': back})}"
    if wants_fragment(request):
        text = " ".join(filter(None, ["You were signed out.", not_done]))
        return _to_script(SIGNED_OUT, {"error": text, "signIn": sign_in})
    return _form_again(request, {"why": SIGNED_OUT, "not_done": not_done, "sign_in": sign_in})


def not_host(error: str) -> HttpResponse:
    """403 for a script of a host's page: this browser is no host, and signing in would not help."""
    return _to_script(NOT_HOST, {"error": error})


def _to_script(code: str, data: dict[str, str]) -> HttpResponse:
    answer = JsonResponse({"code": code, **data}, status=403)
    answer[HEADER] = code
    answer["Cache-Control"] = "no-store"
    return answer


def _form_again(request: HttpRequest, context: dict[str, str]) -> HttpResponse:
    sent = [(name, value) for name, values in request.POST.lists() for value in map(str, values) if name != PROOF_FIELD]
    fields = [(name, value) for name, value in sent if "password" not in name]
    shown = {
        **context,
        "action": request.get_full_path(),
        "fields": fields,
        # A password that was typed is not written into another page.
        "passwords": [name for name, _value in sent if "password" in name],
        "typed": [value for name, value in fields if name not in _SILENT and value.strip()],
    }
    answer = render(request, "errors/unsent.html", shown, status=403)
    answer[HEADER] = context["why"]
    answer["Cache-Control"] = "no-store"
    return answer
