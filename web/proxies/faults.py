"""Why a form of our own pages was refused: what a proxy has left out or written over, in one sentence for its operator."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.middleware.csrf import (
    REASON_BAD_ORIGIN,
    REASON_BAD_REFERER,
    REASON_INSECURE_REFERER,
    REASON_MALFORMED_REFERER,
    REASON_NO_REFERER,
)
from django.utils.translation import gettext as _

# How Django's reasons begin that are about the page a form comes from; the others are about the form's own proof.
_ABOUT_THE_PAGE = tuple(
    reason.partition("%s")[0]
    for reason in (
        REASON_BAD_ORIGIN, REASON_BAD_REFERER, REASON_INSECURE_REFERER, REASON_MALFORMED_REFERER, REASON_NO_REFERER,
    )
)  # fmt: skip
FOREIGN = frozenset({"cross-site", "same-site"})
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """`sentence` for the operator; `section` of docs/proxies.md that says what to change."""

    sentence: str
    section: str


def is_about_the_page(reason: str) -> bool:
    """Whether Django refused a form for where it comes from, and not for its proof."""
    return reason.startswith(_ABOUT_THE_PAGE)


def fault_behind(request: HttpRequest, reason: str) -> Fault | None:
    """What a proxy may have done to a form that was refused for `reason`; None where the form is another site's, or stale."""
    if not is_about_the_page(reason) or request.headers.get("Sec-Fetch-Site") in FOREIGN:
        return None
    page = request.headers.get("Origin") or _origin_of(request.headers.get("Referer", ""))
    if page in {"", "null"}:
        return Fault(
            _("The browser does not say which page sent this form: something sets Referrer-Policy: no-referrer. "
              "Take that away from the proxy; Tallyline sends a Referrer-Policy itself."),
            "referrer-policy",
        )  # fmt: skip
    ours = f"{request.scheme}://{request.get_host()}"
    try:
        place, here = urlsplit(page).netloc, request.get_host()
    except ValueError:  # an Origin that is none comes from no browser
        return None
    data = {"page": page[:LONGEST], "ours": ours[:LONGEST]}
    if place == here:
        return Fault(
            _(
                "The page was at %(page)s, and the proxy hands it on as %(ours)s. Let it send the right X-Forwarded-Proto."
            )
            % data,
            "https",
        )
    return Fault(
        _(
            "The page was at %(page)s, and the proxy hands it on as %(ours)s. Let it pass the Host on, or set TRUSTED_PROXIES."
        )
        % data,
        "host",
    )


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
