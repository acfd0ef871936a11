import { expect, test } from "vitest";
import { calledTickets, newOnes, type PublicLine, stateOf } from "./view";

const line = (more: Partial<PublicLine> = {}): PublicLine => ({
  version: 1,
  queue: [],
  called: [],
  maxGuests: 10,
  joinLowMs: 0,
  joinHighMs: 0,
  paused: false,
  closed: false,
  ...more,
});

test("whether one can join", () => {
  const parties = [
    { ticket: 1, size: 4 },
    { ticket: 2, size: 5 },
  ];
  expect(stateOf(line())).toBe("open");
  expect(stateOf(line({ queue: parties }))).toBe("open");
  expect(stateOf(line({ queue: parties, called: [{ ticket: 3, size: 1 }] }))).toBe("full");
  expect(stateOf(line({ paused: true }))).toBe("paused");
  expect(stateOf(line({ paused: true, closed: true }))).toBe("closed");
});

test("the newest call comes first, and what has no room is left out", () => {
  const called = [4, 9, 7].map((ticket) => ({ ticket, size: 2 }));
  expect(calledTickets(line({ called }), 6)).toEqual([7, 9, 4]);
  expect(calledTickets(line({ called }), 2)).toEqual([7, 9]);
});

test("only what was not shown is new", () => {
  expect(newOnes([7, 9, 4], [9, 4])).toEqual([7]);
  expect(newOnes([], [9])).toEqual([]);
});
