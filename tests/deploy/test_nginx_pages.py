"""The voting page behind deploy/nginx.conf: kept for everyone, and no more than that (decision 0070)."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.languages import asked_for
from tests.deploy.nginx import Nginx, poll, vote
from tests.installation import Stack, wait_until

NOTHING: Mapping[str, str] = {}
CANARY = "c4nary-of-a-visitor"
# The bound of decision 0070, and as much again: a busy machine may be late, a page that is never fetched anew is not.
BOUND_S = 5
KNOWN = {"sessionid": CANARY, "voter_token": CANARY, "csrftoken": CANARY, "place_ABCDEF": CANARY}


def shown(
    nginx: Nginx, made: dict[str, Any], cookies: Mapping[str, str] = NOTHING, sent: Mapping[str, str] = NOTHING
) -> httpx.Response:
    """The voting page, as a browser with these cookies gets it."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    answer = httpx.get(f"{nginx.url}/vote/{made['code']}", headers={"Cookie": cookie, **sent})
    assert answer.status_code in {200, 304}, answer.text
    return answer


def kept(
    nginx: Nginx, made: dict[str, Any], cookies: Mapping[str, str] = NOTHING, sent: Mapping[str, str] = NOTHING
) -> httpx.Response:
    """The same, as soon as nginx answers it by itself."""
    answer: httpx.Response = wait_until(
        lambda: (answer := shown(nginx, made, cookies, sent)).headers["x-cache"] == "HIT" and answer,
        what="an answer from the cache",
    )
    return answer


def test_everyone_gets_the_bytes_that_nginx_keeps(nginx: Nginx) -> None:
    made = poll(nginx)
    first = shown(nginx, made, KNOWN)
    second = kept(nginx, made, {"voter_token": str(uuid4()), f"poll_host_{made['code']}": made["hostToken"]})
    assert first.content == second.content == shown(nginx, made).content
    for answer in (first, second):
        assert "set-cookie" not in answer.headers and CANARY not in answer.text
        assert answer.headers["cache-control"] == "public, no-cache"
        assert answer.headers["cdn-cache-control"] == "public, max-age=1" and "x-accel-expires" not in answer.headers
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    again = kept(nginx, made, sent={"If-None-Match": second.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_kept_compressed_and_plain(nginx: Nginx) -> None:
    made = poll(nginx)
    plain, packed = (kept(nginx, made, sent={"Accept-Encoding": coding}) for coding in ("identity", "br, gzip"))
    assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
    assert plain.text == packed.text


def test_what_is_a_visitor_s_own_is_never_kept(nginx: Nginx) -> None:
    made = poll(nginx)
    assert vote(made).status_code == 201
    for path in ("own", "receipt", "results.json"):
        answer = httpx.get(f"{nginx.url}/vote/{made['code']}/{path}", headers={"Cookie": "voter_token=x"})
        assert answer.status_code == 200 and "x-cache" not in answer.headers
        assert "no-store" in answer.headers["cache-control"]
    # A form of an older release's page keeps its cookies: without a CSRF cookie it would be refused in other words.
    refused = httpx.post(
        f"{nginx.url}/vote/{made['code']}", headers={"Cookie": f"csrftoken={'a' * 32}"}, data={"x": "1"}
    )
    assert refused.status_code == 403 and "keeps no cookies" not in refused.text


@pytest.mark.parametrize(
    ("cookie", "accept"),
    [
        ("", "es-MX,es;q=0.9,en;q=0.8"), ("", "ja"), ("", "fr-FR,fr;q=0.9, ja;q=0.8,en;q=0.7"), ("", "de"), ("", "en-GB,en"),
        ("ja", "es"), ("xx", "es"), ("", ""), ("", "ES"), ("", "eng,est,jam,es"),
    ],
)  # fmt: skip
def test_nginx_reads_languages_as_the_program_does(nginx: Nginx, cookie: str, accept: str) -> None:
    made = poll(nginx)
    cookies = {"language": cookie} if cookie else {}
    for _ in range(2):
        answer = shown(nginx, made, cookies, {"Accept-Language": accept})
        assert answer.headers["content-language"] == asked_for(accept, cookie)


@pytest.mark.parametrize("crowd", [1, 8])
def test_what_a_host_does_reaches_a_page_that_is_kept(nginx: Nginx, crowd: int) -> None:
    """Also while so many ask that it is never left alone."""
    made = poll(nginx, open=False)
    headers = {"x-host-auth": made["hostToken"]}
    with ThreadPoolExecutor(crowd) as pool:

        def everyone_sees(text: str) -> bool:
            pages = pool.map(lambda _: shown(nginx, made).text, range(3 * crowd))
            return all(text in page for page in pages)

        wait_until(lambda: everyone_sees('data-vote="draft"'))
        assert (
            httpx.put(
                made["url"], json={"title": "Which beer?", "choices": ["Ale", "Stout"]}, headers=headers
            ).status_code
            == 200
        )
        wait_until(lambda: everyone_sees("Which beer?"), timeout_s=2 * BOUND_S)
        for act, text in (("open", 'data-vote="form"'), ("close", 'data-vote="closed"'), ("reset", 'data-epoch="1"')):
            assert httpx.post(f"{made['url']}/{act}", headers=headers).status_code == 200
            wait_until(lambda text=text: everyone_sees(text), timeout_s=2 * BOUND_S)  # type: ignore[misc]


def test_a_page_that_was_deleted_is_fetched_anew_by_a_young_nginx(site: Stack, tmp_path: Path) -> None:
    """In its first minute nginx looks for files that it may have kept before its start."""
    young = Nginx(tmp_path, site.ports["web"]).start()
    try:
        made = poll(young)
        kept(young, made)
        wait_until(lambda: not any(path.is_file() for path in (tmp_path / "pages").rglob("*")), what="the page to go")
        assert shown(young, made).headers["x-cache"] == "MISS"
        kept(young, made)
    finally:
        young.stop()
    assert young.log.read_text() == ""
