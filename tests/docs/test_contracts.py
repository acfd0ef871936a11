"""docs/contracts/ leaves out no route of our APIs."""

from core.environment import BASE_DIR
from tests.routes import api_routes


def test_each_route_of_the_apis_is_described() -> None:
    pages = "\n".join(page.read_text() for page in (BASE_DIR / "docs/contracts").glob("*.md"))
    routes = {route: [part for part in route.split("/") if part and part[0] not in "{<"][-1] for route in api_routes()}
    assert len(routes) > 50, "the search itself is broken"
    assert [route for route, last in routes.items() if f"/{last}" not in pages] == []
