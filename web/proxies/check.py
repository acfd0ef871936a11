"""/healthz/proxy: what this program sees of a request of the operator's own, and what their browser sees of the answers."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core import clock
from core.addresses import client_address
from core.languages import in_english
from web.admin import is_staff

OK, WRONG, NOTE = "ok", "wrong", "note"
# What the script fills in (frontend/host/proxy.ts); the advice is for when it goes wrong.
IN_THE_BROWSER = (
    ("origin", "Name and scheme", "host", "Let the proxy pass Host and X-Forwarded-Proto on."),
    ("form", "Forms", "host", "Let the proxy pass Host, Origin and cookies on, and set no Referrer-Policy."),
    ("etag", "304 for what is known", "etags", "Let the proxy pass ETag and If-None-Match on."),
    ("socket", "WebSocket", "websockets", "Let the proxy pass the upgrade of a WebSocket on."),
    ("stream", "Streams", "streams", "Let the proxy hand on text/event-stream as it comes."),
    ("http", "HTTP version", "http2", "Turn HTTP/2 on, so that several tabs do not wait for each other."),
    ("body", "Large bodies", "bodies", "Let bodies of 2 MB through."),
    (
        "clock",
        "Clock",
        "",
        "Set the clock of this device, or of the database's machine. Countdowns go by the database's.",
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was checked. `advice` says what to change where the verdict is not ok; `section` of docs/proxies.md."""

    title: str
    verdict: str
    seen: str
    advice: str = ""
    section: str = ""


@in_english
@require_http_methods(["GET", "HEAD", "POST"])
def proxy_check(request: HttpRequest) -> HttpResponseBase:
    """The page, for staff. POST is the form that it tries: JSON for its script, back to the page for a person."""
    if not request.user.is_authenticated:
        if request.method == "POST":
            raise PermissionDenied
        return redirect_to_login(request.get_full_path())
    if not is_staff(request):
        raise Http404
    if request.method == "POST":
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"bytes": int(request.META.get("CONTENT_LENGTH") or 0), "now": clock.estimate.now_ms()})
        messages.success(request, "The form got through.")
        return redirect("proxy-check")
    clock.now()
    context = {
        "rows": [_name(request), _scheme(request), _address(request)],
        "browser": IN_THE_BROWSER,
        "ours": f"{request.scheme}://{request.get_host()}",
        "most": settings.POLL_BODY_LIMIT,
        "now": clock.estimate.now_ms(),
    }
    answer: HttpResponse = render(request, "host/proxy.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _name(request: HttpRequest) -> Row:
    host, told = request.get_host(), request.headers.get("X-Forwarded-Host", "")
    last = told.rpartition(",")[2].strip()
    if told and not settings.TRUSTED_PROXIES and last != host:
        advice = "Let the proxy pass the Host on, or set TRUSTED_PROXIES to the number of your proxies."
        return Row("Name", WRONG, f"{host}; the proxy was asked for {last}", advice, "host")
    return Row("Name", OK, f"{host} (from {'X-Forwarded-Host' if told and last == host else 'Host'})")


def _scheme(request: HttpRequest) -> Row:
    told, secure = request.headers.get("X-Forwarded-Proto", ""), request.is_secure()
    seen = f"{request.scheme} (from {'X-Forwarded-Proto' if told and settings.TRUSTED_PROXIES else 'the connection'})"
    if told and not settings.TRUSTED_PROXIES:
        return Row(
            "Scheme", WRONG, seen, "A proxy says X-Forwarded-Proto: set TRUSTED_PROXIES, or it is not read.", "https"
        )
    if settings.HTTPS and not secure:
        return Row("Scheme", WRONG, seen, "HTTPS=on is set: let the proxy send X-Forwarded-Proto: https.", "https")
    if secure and not settings.HTTPS:
        return Row("Scheme", WRONG, seen, "Set HTTPS=on, so that cookies are Secure.", "https")
    return Row(
        "Scheme",
        OK if secure else NOTE,
        seen,
        "" if secure else "Fine on a private network only.",
        "" if secure else "https",
    )


def _address(request: HttpRequest) -> Row:
    hops, section = settings.TRUSTED_PROXIES, "client-addresses"
    header = next((name for name in ("X-Forwarded-For", "Forwarded") if request.headers.get(name)), "")
    seen = f"{client_address(request)} (from {header if hops and header else 'the connection'})"
    if header and not hops:
        return Row(
            "Your address",
            WRONG,
            seen,
            "Set TRUSTED_PROXIES to the number of proxies in front.",
            section,
        )
    if hops and not header:
        return Row(
            "Your address", WRONG, seen, "Let the proxy append to X-Forwarded-For, or set TRUSTED_PROXIES=0.", section
        )
    entries = len([entry for entry in request.headers.get(header, "").split(",") if entry.strip()]) if header else 0
    if entries < hops:
        advice = (
            f"{header} has {entries} of the {hops} entries that TRUSTED_PROXIES expects: each proxy has to append one."
        )
        return Row("Your address", WRONG, seen, advice, section)
    return Row("Your address", OK, seen)
