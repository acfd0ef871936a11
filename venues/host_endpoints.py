"""Views of the JSON APIs for what the hosts of lines, polls and rooms do (contract queueup.md, host proof)."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Generic, TypeVar

from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.scopes import Scope
from venues.authentication import host_cookie, set_proof
from venues.proofs import Subject
from venues.renewal import renewed
from web.endpoints import Answer, endpoint
from web.openapi import HOST
from web.serializers import Done, RenewedToken

Thing = TypeVar("Thing")
Act = Callable[[Request, Thing, Actor], Answer]


class HostEndpoints(Generic[Thing]):
    """Makes views for the hosts of one kind of thing.

    `find` takes its id or code and raises NotFound; `host_of` raises Unproven and Forbidden. `scope`: what an API key needs; to
    read, the scope `read` is as good.
    """

    def __init__(
        self, find: Callable[[str], Thing], host_of: Callable[[Request, Thing], Actor], *, scope: Scope
    ) -> None:
        self._find = find
        self._host_of = host_of
        self._scope = scope

    def __call__(
        self, method: str, name: str, *, answers: Any = Done, refuses: Sequence[int] = (404, 409), **declared: Any
    ) -> Callable[[Act[Thing]], Any]:
        """Makes a view of `act(request, thing, actor)`, called when the proof is good. See `endpoint`."""

        def decorate(act: Act[Thing]) -> Any:
            scopes = (Scope.READ, self._scope) if method == "get" else (self._scope,)

            @endpoint(method, name, answers=answers, proof=HOST, refuses=refuses, scopes=scopes, **declared)
            @wraps(act)
            def view(request: Request, **path: str) -> Answer:
                (wanted,) = path.values()
                thing = self._find(wanted)
                return act(request, thing, self._host_of(request, thing))

            return view

        return decorate

    def renewing(self, name: str, kind: str, command: Callable[..., Any]) -> Any:
        """Makes the view that renews host tokens by the slice's `command`. `kind`: as in venues.authentication.host_cookie."""

        @self("post", name, answers=RenewedToken)
        def renew_token(request: Request, thing: Any, actor: Actor) -> Answer:
            """Gives a new host token; all that were given before have ended."""
            thing, token = renewed(request, Subject.of(thing), command, actor=actor)
            response = Response({"hostToken": token})
            set_proof(request._request, response, host_cookie(kind, thing.code), token)
            return response

        return renew_token
