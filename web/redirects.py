"""Redirects after a form was sent."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """303 See Other: the browser fetches what follows with GET, whichever method it sent."""

    status_code = 303
