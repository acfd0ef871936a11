"""Paths of the pages of polls. Those of a voter stand below the line's address when the poll is one of a line."""

from django.urls import path

import web.converters  # noqa: F401 — registers <code:...>
from polls.pages import guest, host

_voter = [
    ("", guest.vote, "vote"),
    ("/own", guest.own_vote, "own-vote"),
    ("/receipt", guest.receipt, "receipt"),
    ("/results.json", guest.voter_results, "voter-results"),
]

urlpatterns = [
    path("polls/new", host.new_poll, name="new-poll"),
    path("polls/<code:code>/host", host.host, name="poll-host"),
    path("polls/<code:code>/host/edit", host.edit, name="poll-edit"),
    path("polls/<code:code>/host/codes", host.codes, name="poll-codes"),
    path("polls/<code:code>/host/poster", host.poster, name="poll-poster"),
    path("polls/<code:code>/host/device", host.second_device, name="poll-device"),
    path("polls/<code:code>/host/renew-token", host.renew_token, name="poll-renew-token"),
    path("polls/<code:code>/host/<slug:action>", host.act, name="poll-act"),
    path("vote/<code:code>/results", host.results, name="poll-results"),
    path("vote/<code:code>/qr.svg", host.qr_code, name="poll-qr"),
    *(path(f"vote/<code:code>{end}", page, name=name) for end, page, name in _voter),
    *(path(f"queue/<code:line>/vote/<code:code>{end}", page, name=f"line-{name}") for end, page, name in _voter),
]
