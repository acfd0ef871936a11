import { expect, test } from "vitest";
import { sprite, symbol } from "./icons";

test("an icon is a symbol in the colour of the text around it", () => {
  const drawn = symbol("bell-ring");
  expect(drawn).toMatch(
    /^<symbol id="bell-ring" viewBox="0 0 24 24" .*stroke="currentColor".*><path d="[^"]+"\/>.*<\/symbol>$/,
  );
  expect(drawn).not.toContain("\n");
});

test("all of them are one document, which names the licence", () => {
  const drawn = new DOMParser().parseFromString(sprite(["bell", "users"]), "image/svg+xml");
  expect([...drawn.querySelectorAll("symbol")].map(({ id }) => id)).toEqual(["bell", "users"]);
  expect(sprite([])).toContain("ISC");
});

test("a name that Lucide does not have ends the build", () => {
  expect(() => sprite(["bell", "no-such-icon"])).toThrow("no-such-icon");
});
