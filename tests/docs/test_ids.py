"""Each id that code, tests and pages cite (S4, F3, X2, B7, J8, law 6, decision 0022, a contract) is one of docs/."""

import re

from core.environment import BASE_DIR
from tests.docs.prose import Line, prose

DOCS = BASE_DIR / "docs"
_ID = re.compile(r"(?<![\w%./#-])([A-Z]\d{1,2})(?!\w)")
# Look like ids: sizes of paper, rules of the Unicode bidirectional algorithm.
OTHERS = frozenset({"A4", "A5", "A6", "L2", "P2"})
_LAW = re.compile(r"\blaws? ((?:\d+(?:, | and |-)?)+)", re.IGNORECASE)
_DECISION = re.compile(r"\bdecisions? ((?:\d{4}(?:, | and |-)?)+)", re.IGNORECASE)
_CONTRACT = re.compile(r'\bcontract ([a-z-]+)\.md(?:, "([^"]+)"|, ([^".:;()]+)\))?', re.IGNORECASE)


def _unresolved(pattern: re.Pattern[str], known: set[str], *, but: frozenset[str] = frozenset()) -> list[str]:
    """Where a citation by `pattern` names something that is not known."""
    return [
        f"{line.path}:{line.number}: {cited}"
        for line in prose()
        for found in pattern.finditer(line.text)
        for cited in re.findall(r"\w+", found[1])
        if cited not in known | but | {"and"}
    ]


def _defined() -> set[str]:
    """The ids that begin a row of a table of docs/."""
    pages = [path.read_text() for path in DOCS.rglob("*.md")]
    return {found for page in pages for found in re.findall(r"^\| ([A-Z]\d{1,2}) \|", page, re.MULTILINE)}


def test_ids_of_figures_faults_attacks_journeys_and_features_are_listed_in_docs() -> None:
    defined = _defined()
    assert {"S1", "F1", "X1", "B1", "J1"} <= defined, "the search itself is broken"
    assert _unresolved(_ID, defined, but=OTHERS) == []


def test_each_fault_and_attack_is_named_by_a_test() -> None:
    named = {cited for line in prose() if line.path.startswith("tests/") for cited in _ID.findall(line.text)}
    assert {cited for cited in _defined() if cited[0] in "FX"} - named == set()


def test_laws_that_are_cited_are_in_the_architecture_page() -> None:
    laws = set(re.findall(r"^(\d+)\. \*\*", (DOCS / "architecture.md").read_text(), re.MULTILINE))
    assert len(laws) == 10, "the search itself is broken"
    assert _unresolved(_LAW, laws) == []


def test_decisions_that_are_cited_are_there() -> None:
    assert _unresolved(_DECISION, {path.name[:4] for path in (DOCS / "decisions").glob("*.md")}) == []


def test_contracts_and_their_sections_that_are_cited_are_there() -> None:
    """A name like `queueup` is a page of docs/contracts/, and the words behind it stand in one of its headings."""
    wrong = []
    for line in prose():
        for found in _CONTRACT.finditer(line.text):
            if not _is_there(found[1], found[2] or found[3] or ""):
                wrong.append(f"{line.path}:{line.number}: {found[0]}")
    assert wrong == []


def _is_there(contract: str, section: str) -> bool:
    page = DOCS / "contracts" / f"{contract}.md"
    if not page.exists():
        return False
    headings = "\n".join(re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)).lower()
    return section.strip().lower() in headings


def test_no_ticket_number_is_cited() -> None:
    """A reader of the repository has no list of tickets: a citation names a decision, a law, a contract or a feature."""
    cited = [line for line in prose() if re.search(r"\bissues? #?\d", line.text, re.IGNORECASE)]
    assert cited == list[Line]()
