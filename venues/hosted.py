"""The host tokens that a browser keeps in cookies, one for each line, poll or room that it may run."""

import re
from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from core.codes import CODE
from venues.authentication import host_cookie
from venues.proofs import Hosted, Subject, host_by

MOST_HOSTED = 40
_HOST_COOKIE = re.compile(host_cookie("[a-z]+", CODE))
# Also the contract's, which holds what was opened last (queue_host_auth).
_ANY_PROOF = re.compile(host_cookie("[a-z]+", r"\w+"))


def hosted_here(request: HttpRequest) -> dict[UUID, str]:
    """The host tokens in this browser's cookies, by the id of what each is of; not yet proved."""
    found = {}
    for name, token in request.COOKIES.items():
        if _HOST_COOKIE.fullmatch(name):
            with suppress(ValueError):
                found[UUID(token.partition(".")[0])] = token
    return dict([*found.items()][-MOST_HOSTED:])


def is_hosted_here(request: HttpRequest, subject: Hosted) -> bool:
    """Whether this browser keeps a valid host token of the subject."""
    return host_by(hosted_here(request).get(subject.pk, ""), Subject.of(subject)) is not None


def forget_hosted(request: HttpRequest, response: HttpResponse) -> None:
    """Takes every host token out of this browser."""
    for name in request.COOKIES:
        if _ANY_PROOF.fullmatch(name):
            response.delete_cookie(name)
