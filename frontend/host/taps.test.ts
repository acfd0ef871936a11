import { expect, test } from "vitest";
import { Taps } from "./taps";

test("the second of two quick taps of one place is not meant", () => {
  const taps = new Taps();
  expect(taps.repeats({ at: 1000, x: 50, y: 50 })).toBe(false);
  expect(taps.repeats({ at: 1300, x: 55, y: 48 })).toBe(true);
  expect(taps.repeats({ at: 1700, x: 55, y: 48 })).toBe(true); // and of a third
  expect(taps.repeats({ at: 2400, x: 55, y: 48 })).toBe(false);
});

test("what was not done may be pressed again at once", () => {
  const taps = new Taps();
  taps.repeats({ at: 1000, x: 50, y: 50 });
  taps.forget();
  expect(taps.repeats({ at: 1200, x: 50, y: 50 })).toBe(false);
});

test("quick taps of two buttons are two", () => {
  const taps = new Taps();
  taps.repeats({ at: 1000, x: 50, y: 50 });
  expect(taps.repeats({ at: 1200, x: 50, y: 120 })).toBe(false);
});
