"""Entity tags of answers that Django makes for scripts which poll."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from core.etags import knows


def tagged(request: HttpRequest, response: HttpResponse, *, cache_control: str = "no-cache") -> HttpResponse:
    """The answer with the ETag of its content; 304 for a client that has it."""
    etag = f'"{hashlib.blake2b(response.content, digest_size=8).hexdigest()}"'
    if knows(request.headers.get("If-None-Match", ""), etag):
        response = HttpResponseNotModified()
    response["ETag"], response["Cache-Control"] = etag, cache_control
    return response
