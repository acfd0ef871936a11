"""The pages of what has hosts (lines, polls, rooms), and who may open them: one rule for all kinds (decision 0045)."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, Concatenate, Generic, TypeVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core import rate_limits
from core.actors import HOST, Actor
from core.errors import Refused
from core.json_types import View
from core.languages import in_english, in_readers_language
from venues.authentication import PROOF_AGE_S, given_token, host_cookie, set_proof, works_for
from venues.devices import host_device
from venues.models import User
from venues.proofs import Hosted, Subject, host_by, token_for
from web import browsers, unsent
from web.forms import RefusableForm
from web.redirects import SeeOther
from web.sending import Form
from web.unsent import wants_fragment

# The session key of host proofs that releases before decision 0037 wrote.
HOSTED = "hosted"
NOT_OF_VENUE = "You are signed in, but do not work for this venue."
HOST_ENDED = "This browser is not a host here any more: its access was ended."
DELETED = "“{title}” was deleted."
RENEWED = "Done. Every other device that ran this without signing in is out."
# In front of the host token in a host link. It stands in the fragment, which no server, log or referrer sees.
LINK_KEY = "#key="

# A Hosted; mypy would check such a bound before it knows the fields of models.
Thing = TypeVar("Thing", bound=Any)
Page = Callable[Concatenate[HttpRequest, Thing, ...], HttpResponse]
HostPage = Callable[Concatenate[HttpRequest, Thing, Actor, ...], HttpResponse]
# What a button does, with the form it sent; returns the message to the host. Raises Refused.
Action = Callable[[Thing, Actor, QueryDict], str]


def doing(command: Callable[..., object], said: str) -> Action[Any]:
    """A button whose command takes nothing of the form; the message may name the thing's {title}."""

    def act(thing: Any, actor: Actor, data: QueryDict) -> str:
        command(thing.pk, actor=actor)
        return said.format(title=thing.title)

    return act


class HostPages(Generic[Thing]):
    """What the pages of one kind have in common; each kind has a subclass and one instance of it."""

    # In the names of cookies: `queue`, `poll` or `room`.
    kind: ClassVar[str]
    model: Any
    # Finds a thing by its code, in any case; None for an unknown one.
    find: Callable[[str], Any]
    # The name of the URL of the host's page, whose argument is the code.
    host_url: ClassVar[str]
    # The name of the rate limit of creates, which pages and API share.
    create_limit: ClassVar[str]
    # By a button's name in its path: what a host who was signed out is told was not done.
    not_done: ClassVar[Mapping[str, str]] = {}

    # ------------------------------------------------------------------------------------------- what a kind says
    def cookies(self, thing: Thing) -> tuple[str, ...]:
        """The names of the cookies that may hold a host token of it; new ones go into the first."""
        return (host_cookie(self.kind, thing.code),)

    def canonical_path(self, request: HttpRequest, thing: Thing, code: str, arguments: Mapping[str, Any]) -> str:
        """The one path of the requested page. Cookies and offline copies belong to paths."""
        return request.path.replace(code, thing.code, 1)

    def host_of_parent(self, request: HttpRequest, thing: Thing) -> Actor | None:
        """Who acts as its host because they are a host of what it belongs to."""
        return None

    def has_host_link(self, thing: Thing) -> bool:
        """Whether it is run by whoever has its link. Members of a venue sign in."""
        return thing.venue_id is None

    def refused_action(self, request: HttpRequest, thing: Thing, action: str) -> str:
        """What was not done, for a host who was signed out meanwhile; empty for no button."""
        return self.not_done.get(action, "")

    def finish(self, request: HttpRequest, response: HttpResponse, thing: Thing) -> None:
        """Adds to the answer of each page."""

    # ------------------------------------------------------------------------------------------------- decorators
    def page(self, page: Page[Thing]) -> Callable[..., HttpResponse]:
        """Calls the page with the thing whose code stands in the path; 404 for an unknown code.

        Another spelling of the path is redirected to the canonical one. No answer is stored unless the page says so.
        """

        @wraps(page)
        def view(request: HttpRequest, code: str, **arguments: Any) -> HttpResponse:
            thing = self.find(code)
            if thing is None:
                raise Http404("unknown code")
            if request.method in {"GET", "HEAD"}:
                path = self.canonical_path(request, thing, code, arguments)
                if path != request.path:
                    return redirect(path)
            arguments.pop("line", None)  # of a poll's path below its line's; the poll knows its line
            response = page(request, thing, **arguments)
            response.headers.setdefault("Cache-Control", "no-store")
            self.finish(request, response, thing)
            return response

        return view

    def guest_page(self, page: Page[Thing]) -> Callable[..., HttpResponse]:
        """The same for a page that guests read, in their language."""
        return in_readers_language(self.page(page))

    def host_only(self, page: HostPage[Thing]) -> Callable[..., HttpResponse]:
        """Calls the page with the thing and who acts as its host; others are turned away (`turned_away`). In English."""

        @wraps(page)
        def guarded(request: HttpRequest, thing: Thing, **arguments: Any) -> HttpResponse:
            actor = self.host(request, thing)
            if actor is None:
                not_done = self.refused_action(request, thing, arguments.get("action", ""))
                return turned_away(request, thing, back=self.host_path(thing), not_done=not_done)
            response = page(request, thing, actor, **arguments)
            self._renew_cookie(request, response, thing)
            return response

        return in_english(self.page(guarded))

    # ------------------------------------------------------------------------------------------------------ hosts
    def host_path(self, thing: Thing) -> str:
        """The path of its host's page."""
        return reverse(self.host_url, args=[thing.code])

    def host(self, request: HttpRequest, thing: Thing) -> Actor | None:
        """Who acts as its host: a signed-in member or a device of its venue, a browser with a host token, or a host of its
        parent."""
        user = request.user
        if isinstance(user, User) and user.is_active and thing.venue_id and works_for(user, thing.venue_id):
            return Actor("host", user.pk)
        if host_device(request, thing.venue_id) is not None:
            return HOST
        if (proved := self.proved(request, thing)) is not None:
            return proved[1]
        return self.host_of_parent(request, thing)

    def proved(self, request: HttpRequest, thing: Thing) -> tuple[str, Actor] | None:
        """The first valid host token in this browser's cookies for it, and whom the token proves."""
        for name in self.cookies(thing):
            token = request.COOKIES.get(name, "")
            if (host := host_by(token, Subject.of(thing))) is not None:
                return token, host
        # By a release before decision 0037. The next page of the host's gives the browser its cookie.
        if thing.venue_id is None and f"{thing.pk}:{thing.token_version}" in request.session.get(HOSTED, []):
            return token_for(Subject.of(thing)), HOST
        return None

    def keep_token(self, request: HttpRequest, response: HttpResponse, thing: Thing, token: str) -> None:
        """Keeps a host token of the thing in this browser."""
        set_proof(request, response, self.cookies(thing)[0], token)

    def _renew_cookie(self, request: HttpRequest, response: HttpResponse, thing: Thing) -> None:
        """Lets the browser's host token live PROOF_AGE_S from each page that a host opens.

        Members get no cookie: what they may do ends with the membership.
        """
        is_page = request.method == "GET" and response.headers.get("Content-Type", "").startswith("text/html")
        if not is_page or wants_fragment(request):  # fragments come every few seconds
            return
        found = self.proved(request, thing)
        if found is not None and found[1].user_id is None and self.cookies(thing)[0] not in response.cookies:
            set_proof(request, response, self.cookies(thing)[0], found[0])

    def create(
        self,
        request: HttpRequest,
        form: RefusableForm,
        command: Callable[..., Thing],
        *,
        sent: Form,
        actor: Actor,
        proved: Hosted | None = None,
    ) -> HttpResponse | None:
        """Makes a thing by a valid form and leads to its host's page; None when the form says why not.

        `command` takes the idempotency `key` of the form, which `sent` gives. `proved`: as in `created`.
        """
        try:
            rate_limits.check(request, rate_limits.CREATE, self.create_limit)
            thing = command(key=sent.key(request, about=proved.pk if proved is not None else ""))
        except Refused as refused:
            form.refuse(refused)
            return None
        return self.created(request, thing, sent=sent, actor=actor, proved=proved)

    def created(
        self, request: HttpRequest, thing: Thing, *, sent: Form, actor: Actor, proved: Hosted | None = None
    ) -> HttpResponse:
        """Leads to the host's page of a new thing. One without a venue is run by this browser, which keeps its token.

        A token that was renewed since ends what the form gave. `proved`: the parent that the actor is a host of.
        """
        sent.answered(request)
        response = SeeOther(self.host_path(thing))
        if actor.user_id is None and not thing.token_version:
            parent = Subject.of(proved) if proved is not None else None
            self._give_token(request, response, thing, actor=actor, proved=parent)
        return response

    def renewing(self, command: Callable[..., Thing]) -> Callable[..., HttpResponse]:
        """The page that ends, by the slice's `command`, every host token given so far; this browser gets a new one."""

        @require_POST
        @self.host_only
        def renew_token(request: HttpRequest, thing: Thing, actor: Actor) -> HttpResponse:
            proved = Subject.of(thing)
            renewed = command(thing.pk, actor=actor)
            messages.success(request, RENEWED)
            response = SeeOther(self.host_path(renewed))
            self._give_token(request, response, renewed, actor=actor, proved=proved)
            return response

        return renew_token

    def _give_token(
        self, request: HttpRequest, response: HttpResponse, thing: Thing, *, actor: Actor, proved: Subject | None
    ) -> None:
        self.keep_token(request, response, thing, given_token(request, Subject.of(thing), actor=actor, proved=proved))
        if self.has_host_link(thing):  # shown until the host says that it is kept
            browsers.give(request, self.link_cookie(thing.code), "1", path="/", age_s=PROOF_AGE_S)

    def acting(self, actions: Mapping[str, Action[Thing]]) -> Callable[..., HttpResponse]:
        """The page of the host's buttons: one command, then the host's page with its message, or, after `delete`, the list of
        things."""

        @require_POST
        @self.host_only
        def act(request: HttpRequest, thing: Thing, actor: Actor, action: str) -> HttpResponse:
            if action not in actions:
                raise Http404("no such action")
            try:
                messages.success(request, actions[action](thing, actor, request.POST))
            except Refused as refused:
                messages.error(request, refused.message)
            else:
                if action == "delete":
                    return SeeOther(reverse("lines" if actor.user_id else "home"))
            return SeeOther(self.host_path(thing))

        return act

    # ------------------------------------------------------------------------------------------------- host links
    def link_cookie(self, code: str) -> str:
        """The name of the cookie that says: the host has not kept the link yet."""
        return f"link_{self.kind}_{code}"

    def link_context(self, request: HttpRequest, thing: Thing) -> View:
        """What host/_host_link.html shows: the link while it is not kept, or when asked for; empty where there is no link."""
        if not self.has_host_link(thing):
            return {}
        mark = self.link_cookie(thing.code)
        shown = bool(request.COOKIES.get(mark)) or "link" in request.GET
        page = request.build_absolute_uri(self.host_path(thing))
        return {
            "mark": mark,
            "device": self.host_path(thing) + "/device",
            "link": page + LINK_KEY + token_for(Subject.of(thing)) if shown else "",
        }


def turned_away(request: HttpRequest, subject: Hosted, *, back: str, not_done: str = "") -> HttpResponse:
    """The answer to a browser that is no host of the subject: a page leads to the sign-in; a form or a script hears that it was
    signed out, and what was not done. `back`: the page to return to after signing in.

    Raises PermissionDenied (403) for an account that is no host, and where no account could be one.
    """
    is_read = request.method in {"GET", "HEAD"}
    may_sign_in = subject.venue_id is not None and not request.user.is_authenticated
    if is_read and not wants_fragment(request) and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if may_sign_in:
        return unsent.signed_out(request, back=back, not_done=not_done)
    if wants_fragment(request):
        why = NOT_OF_VENUE if subject.venue_id is not None else HOST_ENDED
        return unsent.not_host(" ".join(filter(None, [why, not_done])))
    raise PermissionDenied
