import { expect, test } from "vitest";
import { hoursText } from "./hours";

const patterns = { lastEntry: "Last entry at {entry}.", closing: "Closes at {closing}, {end} at the latest." };
document.documentElement.lang = "en-gb";
const at = (text: string) => Date.parse(text);

test("when a line ends is told by the clock of its zone, on both sides of a change", () => {
  const hours = {
    lastEntry: at("2026-03-28T23:30Z"),
    closing: at("2026-03-29T00:30Z"),
    end: at("2026-03-29T02:30Z"),
  };
  expect(hoursText(patterns, hours, "Europe/Madrid")).toBe(
    "Last entry at 00:30. Closes at 01:30, 04:30 at the latest.",
  );
});

test("a last entry at the closing time is not told twice", () => {
  const closing = at("2026-03-28T22:00Z");
  const hours = { lastEntry: closing, closing, end: closing + 7_200_000 };
  expect(hoursText(patterns, hours, "Europe/Madrid")).toBe("Closes at 23:00, 01:00 at the latest.");
});
