"""Redirects: after a form was sent, and from an old address."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """303 See Other: the browser fetches the next page with GET, also after a POST."""

    status_code = 303


class Moved(HttpResponseRedirect):
    """308 Permanent Redirect, from a venue's old address. No browser keeps it: the venue may take the old one again."""

    status_code = 308

    def __init__(self, redirect_to: str) -> None:
        super().__init__(redirect_to, headers={"Cache-Control": "no-store"})
