"""Django's error handlers: designed pages for people, JSON on the paths of an API."""

import sys
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.csrf import csrf_failure

from core.api_paths import is_api
from core.languages import speak
from core.refusals import UNAVAILABLE
from polls.pages import guest
from web import api, unsent
from web.proxies.faults import FOREIGN, LONGEST, fault_behind, is_about_the_page
from web.proxies.help import proxy_help

# What a person may type as a code: six letters and digits, with room for separators. Longer input is a pasted link.
LONGEST_CODE = 12


def bad_request(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponse:
    """400: a malformed request, or a Host that is not allowed."""
    if isinstance(exception, DisallowedHost) and not is_api(request.path_info):
        speak(request)
        if request.path_info == reverse("proxy-help"):  # the page rendered below links to it
            help_page: HttpResponse = proxy_help(request)
            help_page.status_code = 400
            return help_page
        asked = {"host": request.META.get("HTTP_HOST", "")[:LONGEST]}
        return HttpResponse(render_to_string("errors/400_name.html", asked), status=400)
    return _answer(request, 400, "This request could not be read.")


def forbidden(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponse:
    """403: the account may not open this."""
    if is_api(request.path_info):
        return JsonResponse({"error": "You may not do this."}, status=403)
    speak(request)
    return render(request, "errors/403.html", status=403)


def without_proof(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the CSRF check of a form failed (settings.CSRF_FAILURE_VIEW).

    A proxy that hides the form's origin is named to its operator. A voter without cookies gets the voting page, which says what
    to do; sending the form again would fail again. Other stale forms are offered again with a valid token (web/unsent.py).
    """
    found = request.resolver_match
    if reason == REASON_NO_CSRF_COOKIE and found is not None and found.url_name in {"own-vote", "line-own-vote"}:
        speak(request)
        answer: HttpResponse = guest.without_cookies(request, **found.kwargs)
        return answer
    if fault := fault_behind(request, reason):
        speak(request)
        return render(request, "errors/403_proxy.html", {"fault": fault}, status=403)
    if is_about_the_page(reason) or request.headers.get("Sec-Fetch-Site", "") in FOREIGN:
        return csrf_failure(request, reason)  # never offer another site's form again
    return unsent.stale(request)


def not_found(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponse:
    """404, with a field for a code."""
    if is_api(request.path_info):
        return api.not_found(request)
    speak(request)
    found = request.resolver_match
    code = found.kwargs.get("code", "") if found else ""
    if found and found.url_name == "find-code":
        # Read it as the view does: the other half of the request may be malformed.
        typed = (request.POST if request.method == "POST" else request.GET).get("code", "").strip()
        code = typed if len(typed) <= LONGEST_CODE else ""  # not a link: its fragment may be a secret
    return render(request, "errors/404.html", {"typed": code}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 while Postgres is away. Rendered without the request, whose context processors may query the database."""
    if isinstance(sys.exc_info()[1], OperationalError):
        response = _answer(request, 503, UNAVAILABLE.english)
        response["Retry-After"] = "5"
        return response
    return _answer(request, 500, "Something went wrong on our side.")


def _answer(request: HttpRequest, status: int, error: str) -> HttpResponse:
    if is_api(request.path_info):
        return JsonResponse({"error": error}, status=status)
    speak(request)
    # The answer to a POST must not reload itself: the browser would send the form again.
    context = {"address": request.get_full_path(), "by_get": request.method in {"GET", "HEAD"}}
    return HttpResponse(render_to_string(f"errors/{status}.html", context), status=status)
