"""core/identifiers.py: one canonical form of each id and code."""

from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.identifiers import canonical, canonical_id, read_id


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/queue/ABC234/snapshot",
        "/api/polls/9b2f1f4e-58a6-4a5e-9a43-0c6d7d1f7a11/ballots",
        "/static/assets/x-0Ab_-1.js",
    ],
)
def test_a_path_in_its_one_spelling_stays(path: str) -> None:
    assert canonical(path) == path


@pytest.mark.thorough
@given(
    st.uuids(),
    st.lists(st.booleans(), min_size=36, max_size=36),
    st.sampled_from(["{}", "{{{}}}", "urn:uuid:{}", "{}."]),
)
def test_an_id_in_mixed_case_is_one_id(wanted: UUID, capital: list[bool], form: str) -> None:
    mixed = "".join(letter.upper() if up else letter for letter, up in zip(str(wanted), capital, strict=True))
    for written in (mixed, mixed.replace("-", "")):
        assert canonical(f"/api/polls/{form.format(written)}/ballots") == f"/api/polls/{wanted}/ballots"
        assert canonical_id(form.format(written)) == str(wanted)


@given(st.text())
def test_only_an_id_is_read_as_one(text: str) -> None:
    found = read_id(text)
    assert found is None or str(found) == text.lower()


def test_no_spelling_leads_to_another_site(db: None) -> None:
    """A browser takes // for the beginning of a host."""
    for path in ("//other.example/queue/ABC234.", "//other.example/", "/\\other.example/queue/ABC234./"):
        answer = Client().get(quote(path))
        assert not answer.headers.get("Location", "").startswith(("//", "/%5C", "/\\")), answer.headers
