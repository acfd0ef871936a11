"""axe-core, run in a page."""

from typing import Any

from playwright.sync_api import Page

from tests.installation import ROOT

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# A tab keeps its name from page to page: there the source waits, which takes 30 ms of CPU to be sent.
LOADED = """() => {
    if (typeof axe === "undefined" && window.name.startsWith("/*! axe")) (0, eval)(window.name);
    return typeof axe !== "undefined";
}"""
LOAD = "(source) => { window.name = source; (0, eval)(source); }"


def violations(page: Page, only: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The violations that axe finds: rule, and the parts that break it."""
    page.wait_for_load_state()
    if not page.evaluate(LOADED):
        page.evaluate(LOAD, AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        """async (options) => (await axe.run(options)).violations.map(({ id, nodes }) =>
            ({ id, parts: nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)}: ${failureSummary}`) }))""",
        # axe reports no more than it must of rules that pass, and reads no stylesheets: one rule would need them, which is off.
        {"resultTypes": ["violations"], "preload": {"assets": ["media"]}, **(only or {})},
    )
    return found
