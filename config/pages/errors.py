"""What a person sees when something is wrong: designed pages. Programs, on paths of an API, get its JSON."""

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
from polls.pages import guest
from web import unsent
from web.proxies.faults import FOREIGN, LONGEST, fault_behind, is_about_the_page
from web.proxies.help import proxy_help

# Six letters and digits, with room for marks between them.
LONGEST_CODE = 12


def bad_request(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponse:
    """400: a broken request, or a Host that is not ours."""
    if isinstance(exception, DisallowedHost) and not is_api(request.path_info):
        speak(request)
        if request.path_info == reverse("proxy-help"):  # the page below leads there
            help_page: HttpResponse = proxy_help(request)
            help_page.status_code = 400
            return help_page
        asked = {"host": request.META.get("HTTP_HOST", "")[:LONGEST]}
        return HttpResponse(render_to_string("errors/400_name.html", asked), status=400)
    return _answer(request, 400, "This request could not be read.")


def forbidden(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponse:
    """403: signed in, but not for this."""
    if is_api(request.path_info):
        return JsonResponse({"error": "You may not do this."}, status=403)
    speak(request)
    return render(request, "errors/403.html", status=403)


def without_proof(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form came without its proof (settings.CSRF_FAILURE_VIEW), or a proxy hides where it comes from, which its operator
    is told. A voter whose browser keeps no cookies gets the voting page again, which says what to do: going back and sending
    the form once more would only lead here again."""
    found = request.resolver_match
    if reason == REASON_NO_CSRF_COOKIE and found is not None and found.url_name in {"vote", "line-vote"}:
        speak(request)
        answer: HttpResponse = guest.without_cookies(request, **found.kwargs)
        return answer
    if fault := fault_behind(request, reason):
        speak(request)
        return render(request, "errors/403_proxy.html", {"fault": fault}, status=403)
    if is_about_the_page(reason) or request.headers.get("Sec-Fetch-Site", "") in FOREIGN:
        return csrf_failure(request, reason)  # another site's form is not handed out again, ready to be pressed
    return unsent.stale(request)


def not_found(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponse:
    """404, with a field for the code of a line."""
    if is_api(request.path_info):
        return JsonResponse({"error": "There is nothing at this address."}, status=404)
    speak(request)
    found = request.resolver_match
    code = found.kwargs.get("code", "") if found else ""
    if found and found.url_name == "find-code":
        # As the view has read it: what it did not read may be no valid form.
        typed = (request.POST if request.method == "POST" else request.GET).get("code", "").strip()
        code = typed if len(typed) <= LONGEST_CODE else ""  # a link, whose end may be a secret
    return render(request, "errors/404.html", {"typed": code}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 while Postgres is away. Rendered without the request: its context might ask the database again."""
    if isinstance(sys.exc_info()[1], OperationalError):
        response = _answer(request, 503, "Please try again.")
        response["Retry-After"] = "5"
        return response
    return _answer(request, 500, "Something went wrong on our side.")


def _answer(request: HttpRequest, status: int, error: str) -> HttpResponse:
    if is_api(request.path_info):
        return JsonResponse({"error": error}, status=status)
    speak(request)
    # A page that came of a form must not be loaded again: the browser would send the form again.
    context = {"address": request.get_full_path(), "by_get": request.method in {"GET", "HEAD"}}
    return HttpResponse(render_to_string(f"errors/{status}.html", context), status=status)
