import { expect, test } from "vitest";
import cases from "../../tests/queues/waits_said.json";
import { waitRange } from "./labels";

// In English, as queues/pages/labels.py: patterns.
const patterns = {
  now: "any moment now",
  unknown: "we cannot say yet",
  upTo: "up to {high}",
  minutes: "{low}–{high} min",
  range: "{low} – {high}",
  min: "{n} min",
  h: "{h} h",
  hMin: "{h} h {n} min",
};

test.each(cases)("$told, as the server writes it", ({ low, high, told }) => {
  expect(waitRange(patterns, Math.round(low * 60_000), Math.round(high * 60_000))).toBe(told);
  expect(waitRange(patterns, Math.round(low * 60_000), Math.round(high * 60_000), true)).toBe("we cannot say yet");
});
