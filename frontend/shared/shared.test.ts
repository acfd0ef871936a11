import { afterEach, expect, test, vi } from "vitest";
import { ENTRIES } from "../vite.config";

// Modules that several pages may load in one file without having asked for all of them (vite.config.ts: SHARED).
const modules = import.meta.glob(["../shared/*.ts", "../guest/*.ts", "../wall/*.ts", "!../**/*.test.ts"]);
const ALONE = ["begin", "freshness", "offline_copy", "database", "one_sender", "backoff", "uuid"];
const shared = Object.entries(modules).filter(([path]) => {
  const name = path.replace(/^\.\.?\//, path.startsWith("./") ? "shared/" : "");
  return !ENTRIES.includes(name) && !ALONE.some((each) => name === `shared/${each}.ts`);
});

afterEach(() => vi.restoreAllMocks());

test("there are shared modules", () => expect(shared.length).toBeGreaterThan(10));

test.each(shared)("%s does nothing by being loaded", async (_, load) => {
  const page = document.documentElement.outerHTML;
  const calls = [
    vi.spyOn(window, "addEventListener"),
    vi.spyOn(document, "addEventListener"),
    vi.spyOn(window, "fetch"),
    vi.spyOn(window, "setTimeout"),
    vi.spyOn(window, "setInterval"),
  ];
  await load();
  for (const call of calls) expect(call).not.toHaveBeenCalled();
  expect(document.documentElement.outerHTML).toBe(page);
});
