"""ETags as proxies change them: a proxy that compresses an answer marks its ETag, and browsers send the marked one back."""

from collections.abc import Iterator

import httpx
import pytest

from core.etags import knows
from tests import routes
from tests.contracts.queueup import Line
from tests.installation import Stack

OTHER = '"fedcba9876543210"'
# How proxies write the tag of what they compressed, and clients what they know.
THE_SAME = {
    "as it was sent": '"{tag}"',
    "nginx, Cloudflare, Varnish": 'W/"{tag}"',
    "Apache mod_deflate": '"{tag}-gzip"',
    "Apache mod_brotli, Caddy": '"{tag}-br"',
    "Caddy": '"{tag}-zstd"',
    "Apache before 2.4": '"{tag}"-gzip',
    "Jetty": '"{tag}--gzip"',
    "parameters": '"{tag};gzip"',
    "colon": '"{tag}:br"',
    "deflate": '"{tag}-deflate"',
    "gz": '"{tag}-gz"',
    "two proxies": 'W/"{tag}-gzip"',
    "both compress": '"{tag}-gzip-br"',
    "any": "*",
    "a list": '"fedcba9876543210", "{tag}"',
    "a list of marked ones": '"fedcba9876543210",W/"{tag}-br"',
    "a list that begins with it": '"{tag}-gzip", "fedcba9876543210"',
    "an odd list": ',, "{tag}" ,',
}
ANOTHER = {
    "longer": '"{tag}0"',
    "shorter": '"{cut}"',
    "a word that is no coding": '"{tag}-other"',
    "a coding and more": '"{tag}-gzipped"',
    "a coding without a mark": '"{tag}gzip"',
    "a coding and a digit": '"{tag}-gzip0"',
    "a mark only": '"{tag}-"',
    "before": '"gzip-{tag}"',
    "in front": '"0{tag}"',
    "open": '"{tag}',
    "bare": "{tag}",
    "capitals": '"{upper}"',
    "weak twice": 'W/W/"{tag}"',
    "other words": '"{tag}"x',
    "a weak other one": 'W/"fedcba9876543210"',
    "a list of others": '"fedcba9876543210", "{tag}0", "{tag}-x"',
    "a star among them": '"fedcba9876543210", *',
    "a star in it": '"*"',
    "empty": "",
    "commas": ",,,",
}


ETAG = '"0123456789abcdef"'


def written(how: str, etag: str) -> str:
    """What a client sends that was given `etag` in this way."""
    tag = etag.removeprefix("W/")[1:-1]
    return how.format(tag=tag, cut=tag[:-1], upper=tag.upper())


@pytest.mark.parametrize("how", THE_SAME)
def test_a_marked_tag_is_the_tag(how: str) -> None:
    assert knows(written(THE_SAME[how], ETAG), ETAG)


@pytest.mark.parametrize("how", ANOTHER)
def test_a_tag_that_begins_alike_is_another(how: str) -> None:
    assert not knows(written(ANOTHER[how], ETAG), ETAG)


@pytest.fixture(scope="module")
def client(site: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url(), timeout=20) as made:
        yield made


def test_every_path_with_an_etag_knows_the_marked_ones(site: Stack, client: httpx.Client) -> None:
    line = Line.open(site)
    party = line.join("Ada")["partyId"]
    poll = site.open_poll()
    room = site.open_room()
    # An open room is another one each second.
    client.post(f"/api/rooms/{room['room']}/close", headers={"x-host-auth": room["hostToken"]}).raise_for_status()
    body = {"question": "?", "voteType": "single", "choices": [{"text": "a"}, {"text": "b"}]}
    session = client.post("/api/vote", json=body).json()["sessionId"]
    known = {"code": line.code, "line": line.code, "room": room["room"], "id": session, "session_id": session}
    asked: list[tuple[str, dict[str, str]]] = []
    for route in routes.all_routes():
        if route.endswith(("/stream", "/versions")) or "versions" in route:
            continue
        of_poll = {**known, "poll": poll["id"], "poll_id": poll["id"]}
        path = routes.filled(route, **({**of_poll, "id": poll["id"]} if route.startswith("/poll/") else of_poll))
        asked.append((path, {}))
    snapshot = f"/api/queue/{line.code}/snapshot"
    host = {"x-host-auth": line.token}
    asked += [
        (snapshot, host),
        (f"{snapshot}?partyId={party}", {}),
        (f"{snapshot}?since=1", {}),
        (f"/api/queue/{line.code}/console", host),
        (f"/api/polls/{poll['id']}/results", {"x-host-auth": poll["hostToken"]}),
        (f"/api/polls/{poll['id']}/export?format=image", {"x-host-auth": poll["hostToken"]}),
        (f"/api/rooms/{room['room']}/history?points=100", {}),
        ("/static/img/icon.svg", {}),
        ("/static/img/icon.svg", {"Accept-Encoding": "identity"}),
    ]
    tagged = set()
    for path, sent in asked:
        with client.stream("GET", path, headers=sent) as first:
            etag = first.headers.get("etag")
        if etag is None:
            continue
        tagged.add(path.partition("?")[0])
        for method in ("GET", "HEAD"):
            for how, value in THE_SAME.items():
                mine = written(value, etag)
                answer = client.request(method, path, headers={**sent, "If-None-Match": mine})
                assert (answer.status_code, answer.content) == (304, b""), (method, path, how, mine)
                assert answer.headers["etag"] == etag
            for how, value in ANOTHER.items():
                mine = written(value, etag)
                answer = client.request(method, path, headers={**sent, "If-None-Match": mine})
                assert answer.status_code == (304 if mine == etag else 200), (method, path, how, mine)
    assert tagged >= {
        snapshot, f"/api/queue/{line.code}/console", f"/api/polls/{poll['id']}/results", f"/poll/{poll['id']}",
        f"/poll/{poll['id']}/results", f"/api/rooms/{room['room']}/history", "/static/img/icon.svg",
    }  # fmt: skip


def test_tags_in_several_headers_are_one_list(site: Stack, client: httpx.Client) -> None:
    line = Line.open(site)
    for path in (f"/api/queue/{line.code}/snapshot", "/static/img/icon.svg"):
        etag = client.get(path).headers["etag"]
        for tags in ([OTHER, etag], [etag, OTHER]):
            answer = client.get(path, headers=[("If-None-Match", tag) for tag in tags])
            assert answer.status_code == 304, (path, tags)
