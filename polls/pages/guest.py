"""A voter's pages: the question, the receipt. No account; the browser keeps the ballot's id (permissions.ballot_cookie)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core import clock, rate_limits
from core.clock import milliseconds
from core.errors import Forbidden, Invalid, Refused
from core.json_types import View
from polls import casting, digest, receipts, refusals, rules, selectors
from polls.bodies import Submission
from polls.casting import Paper, Voter
from polls.models import Poll
from polls.pages import labels
from polls.pages.access import address, of_poll, only_pages_know, own_ballot, voter_page
from polls.pages.ballot_forms import BallotForm, ReceiptForm
from polls.pages.context import (
    followed,
    poll_context,
    result_context,
    result_view,
    shows_voters_more,
    voters_limit,
)
from polls.permissions import as_voter, ballot_cookie, set_voter_cookie, voter_of
from polls.receipts import receipt_of
from polls.rules import Viewer
from web.everyone import for_everyone
from web.redirects import SeeOther


@require_http_methods(["GET", "HEAD", "POST"])
@voter_page
def vote(request: HttpRequest, poll: Poll) -> HttpResponse:
    """The voting page of a QR code, the same for everyone (decision 0070): its script knows who votes.

    Forms of pages of older releases are sent here.
    """
    if request.method == "POST":
        return redirect(address(poll, "own-vote"), preserve_request=True)
    context = poll_context(poll)
    is_open = context["phase"] == rules.OPEN
    # Of an open poll without counts: each ballot would make another page.
    shown = result_context(poll, Viewer(), limit=voters_limit(poll), counted=not is_open)
    context |= shown | _question(poll, BallotForm(poll=poll), "form" if is_open else context["phase"], shown)
    context |= {"here": address(poll), "may_change": poll.may_change and is_open}
    return for_everyone(request, render(request, "poll/vote.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
@voter_page
def own_vote(request: HttpRequest, poll: Poll) -> HttpResponse:
    """The voting page made for this browser: its counted vote, or a form that needs no script. A vote is answered with 303."""
    if request.method != "POST":
        return _own_page(request, poll, BallotForm(poll=poll))
    form = BallotForm(request.POST, poll=poll)

    def sent() -> tuple[Voter, Submission]:
        if not form.is_valid():
            raise Invalid(_refusal(form))
        return voter_of(request, poll, code=form.cleaned_data.get("code", "")), form.submission()

    try:
        # The page came with a token: without it each fresh form would be a new voter.
        voter, outcome = casting.cast_in_thread(poll, rate_limits.client_address(request), sent, new_browsers=False)
        casting.counted_or_raise(outcome)
    except Refused as refused:
        if form.is_valid():  # else it says itself why
            form.refuse(refused)
        return _own_page(request, poll, form, status=refused.status)
    response = SeeOther(address(poll, "own-vote"))
    response.cookies.load(ballot_cookie(Paper.of(poll), outcome))
    set_voter_cookie(request, response, casting.token_to_keep(poll.dedupe, voter))
    return response


@of_poll
def without_cookies(request: HttpRequest, poll: Poll) -> HttpResponse:
    """403 with the voting page, for a vote that was sent without any cookie."""
    form = BallotForm(request.POST, poll=poll)
    refused = Forbidden(refusals.NO_COOKIES)
    form.is_valid()
    form.refuse(refused)
    return _own_page(request, poll, form, status=refused.status)


def _question(poll: Poll, form: BallotForm, state: str, shown: View) -> View:
    """The context of poll/vote.html that both voting pages have; `shown`: of the result."""
    texts = [choice["text"] for choice in shown["bars"]]
    return {
        "state": state,
        "texts": texts,
        "unlocks": shows_voters_more(poll),
        "instruction": labels.picks(poll, choices=len(texts)),
        "receipt_url": address(poll, "receipt"),
        "no_cookie": refusals.NO_COOKIES.in_words(),
        "needs_script": BallotForm.NEEDS_SCRIPT,
        "code_field": form["code"] if poll.dedupe == Poll.Dedupe.CODE else None,
    }


def _own_page(request: HttpRequest, poll: Poll, form: BallotForm, *, status: int = 200) -> HttpResponse:
    context = poll_context(poll)
    viewer = as_voter(request, poll)
    voter = voter_of(request, poll)
    key = casting.known_key(poll, voter)
    # Before `own` is read: a ballot that another tab casts in between is then the browser's own, not another voter's.
    voted = not poll.may_change and selectors.has_voted(poll, key)
    own = own_ballot(poll, voter)
    changing = poll.may_change and context["phase"] == rules.OPEN and (form.is_bound or "change" in request.GET)
    if context["phase"] in {rules.DRAFT, rules.EARLY}:
        state = context["phase"]
    elif own is not None and not changing:
        state = "counted"
    elif context["phase"] == rules.CLOSED:
        state = "closed"
    elif poll.queue and key is None:
        state = "no_place"
    elif voted:
        state = "voted"
    else:
        state = "form"
    shown = result_context(poll, viewer, by_pages=only_pages_know(request, poll, viewer), limit=voters_limit(poll))
    context |= shown | _question(poll, form, state, shown)
    picked = form["choices"].value() if form.is_bound else own.choices if own else []
    context |= {
        "here": address(poll, "own-vote"),
        "personal": True,
        "form": form,
        "now_ms": milliseconds(clock.now()),
        "own": own,
        "receipt": receipt_of(poll.pk, own.ballot_id, own.cast_at, epoch=poll.epoch) if own else None,
        "own_picks": [context["texts"][number] for number in own.choices] if own else [],
        "picked": {str(number) for number in picked},
        "may_change": bool(poll.may_change and context["phase"] == rules.OPEN and (key or poll.dedupe == "code")),
        "refusal": _refusal(form) if state != "form" else "",
    }
    response = render(request, "poll/vote.html", context, status=status)
    if poll.dedupe in casting.BY_BROWSER and (state == "form" or voter.source == "cookie"):
        # Before the vote: were the answer to it lost, this browser would be another voter the next time. And again at each look:
        # it is to last as long as the poll.
        set_voter_cookie(request, response, voter.token)
    return response


def _refusal(form: BallotForm) -> str:
    """The first error of a vote, for a page that shows no form."""
    return str(next(iter(form.errors.values()))[0]) if form.is_bound and form.errors else ""


@require_safe
@voter_page
def voter_results(request: HttpRequest, poll: Poll) -> JsonResponse:
    """The result as JSON for a voter whose proof only these pages get: a place in the line, a ballot voted with a code."""
    return JsonResponse(result_view(poll, as_voter(request, poll)))


# --------------------------------------------------------------------------------------------------------------- receipt
@require_http_methods(["GET", "HEAD", "POST"])
@voter_page
def receipt(request: HttpRequest, poll: Poll) -> HttpResponse:
    """Whether a ballot is in the count, and from the close on the proof: this browser's ballot, or one whose id is typed.

    The id is typed into a form, for addresses are kept in histories and logs.
    """
    form = ReceiptForm(request.POST if request.method == "POST" else None)
    found, status = None, 200
    if request.method != "POST":
        found = own_ballot(poll, voter_of(request, poll))
    elif form.is_valid():
        try:
            rate_limits.check(request, rate_limits.LOOK, "receipt")
            found = receipts.find(poll, form.cleaned_data["ballot"])
        except Refused as refused:
            form.add_error("ballot", refused.in_words())
            status = refused.status
        else:
            if found is None:
                form.add_error("ballot", form.UNKNOWN)
                status = 404
    else:
        status = 400
    context: View = {
        **poll_context(poll),
        **followed(poll, limit=voters_limit(poll)),
        "form": form,
        "found": found,
        "receipt_url": address(poll, "receipt"),
    }
    if found is not None:
        context |= _checked(poll, receipts.proof_view(poll, found))
    return render(request, "poll/receipt.html", context, status=status)


def _checked(poll: Poll, view: View) -> dict[str, Any]:
    """The context of the proof, checked by following it as a voter's program would."""
    proof = view["proof"]
    context = {"receipt": view["receipt"], "counted": view["counted"], "root": view["root"], "proof": proof}
    if proof is None:
        return context
    steps = [(step["side"], bytes.fromhex(step["hash"])) for step in proof["path"]]
    texts = dict(poll.choices.values_list("number", "text"))
    return context | {
        "proven": digest.proves(bytes.fromhex(proof["leaf"]), steps, bytes.fromhex(view["root"])),
        "picks": [texts[number] for number in proof["choices"]],
    }
