import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { refresh } from "./tables";

const section = (version: number, inside: string) =>
  `<section data-tables="/tables" data-version="${version}">${inside}</section>`;
const text = () => document.body.textContent;

beforeEach(() => {
  document.body.innerHTML = section(5, "<button>Seat #1</button>");
});
afterEach(() => vi.unstubAllGlobals());

function answered(html: string, status = 200): void {
  vi.stubGlobal("fetch", async () => new Response(html, { status }));
}

test("shows what another line has changed", async () => {
  answered(section(5, "taken"));
  await refresh(document.body, () => false);
  expect(text()).toBe("taken");
});

test("shows nothing older than what the list has brought, and no page that is none", async () => {
  for (const [html, status] of [
    [section(4, "old"), 200],
    ["", 200],
    [section(6, "refused"), 403],
  ] as const) {
    answered(html, status);
    await refresh(document.body, () => false);
    expect(text()).toBe("Seat #1");
  }
});

test("takes nothing away from under a finger, a focus, or an open part", async () => {
  answered(section(6, "taken"));
  await refresh(document.body, () => true);
  document.querySelector("button")?.focus();
  await refresh(document.body, () => false);
  document.querySelector("button")?.replaceWith(document.createElement("details"));
  document.querySelector("details")?.setAttribute("open", "");
  await refresh(document.body, () => false);
  expect(text()).toBe("");
  document.querySelector("details")?.removeAttribute("open");
  await refresh(document.body, () => false);
  expect(text()).toBe("taken");
});
