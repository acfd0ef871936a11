"""docs/contracts/ leaves out no route of our APIs, and no code of a refusal."""

from core.environment import BASE_DIR
from core.errors import Refused
from tests.routes import api_routes
from tests.sources import reasons


def test_each_route_of_the_apis_is_described() -> None:
    pages = "\n".join(page.read_text() for page in (BASE_DIR / "docs/contracts").glob("*.md"))
    routes = {route: [part for part in route.split("/") if part and part[0] not in "{<"][-1] for route in api_routes()}
    assert len(routes) > 50, "the search itself is broken"
    assert [route for route, last in routes.items() if f"/{last}" not in pages] == []


def test_each_code_of_a_refusal_is_described() -> None:
    page = (BASE_DIR / "docs/contracts/api.md").read_text()
    # Pages alone say these, and the older contract of sessions.
    codes = {reason.code for reason in reasons("core", "polls", "rooms", "venues").values()}
    kinds: list[type[Refused]] = [Refused, *Refused.__subclasses__()]
    codes |= {each.kind for each in kinds}
    assert [
        code for code in sorted(codes - {"no_cookies", "no_such_session", "session_closed"}) if f"`{code}`" not in page
    ] == []
