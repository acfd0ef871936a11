"""Redirects after a form was sent."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """303 See Other: the browser fetches the next page with GET, also after a POST."""

    status_code = 303
