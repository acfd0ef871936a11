import { expect, test } from "vitest";
import { calledCards, GAP, grid, newOnes, perPage } from "./layout";
import { type PublicLine, stateOf } from "./view";

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
  expect(stateOf(line({ paused: true, entryOver: true }))).toBe("over");
  expect(stateOf(line({ paused: true, closed: true }))).toBe("closed");
});

test("the newest call comes first, those whose time is over come last, and none is left out", () => {
  const called = [4, 9, 7, 1, 2].map((ticket) => ({
    ticket,
    size: 2,
    deadline: ticket === 9 || ticket === 4 ? 99 : 100,
  }));
  const names = new Map([[7, "Ana"]]);
  const cards = calledCards({ called: [...called, { ticket: 5, size: 1 }] }, 100, names);
  expect(cards.map(({ ticket }) => ticket)).toEqual([5, 2, 1, 7, 9, 4]);
  expect(cards.filter(({ late }) => late).map(({ ticket }) => ticket)).toEqual([9, 4]);
  expect(cards.map(({ name }) => name)).toEqual(["", "", "", "Ana", "", ""]);
});

/** Of a television and a smaller one, on end and flat; with a door beside, under a long message. */
const BOXES = [
  [1300, 600],
  [860, 380],
  [2700, 1300],
  [1000, 900],
  [900, 200],
] as const;

test("cards of any number and digits fit into the box", () => {
  for (const [width, height] of BOXES)
    for (const digits of [1, 2, 3, 4, 5])
      for (const [caption, late] of [
        [false, false],
        [true, false],
        [true, true],
      ] as const)
        for (let count = 1; count <= 60; count += 1) {
          const { columns, size } = grid(count, { digits, caption, late }, width, height);
          const gap = GAP * width;
          const rows = Math.ceil(count / columns);
          const wide = Math.max(0.68 * digits + 0.5, caption ? 2.4 : 0);
          const high = 1.25 + (caption ? 0.42 : 0) + (late ? 0.3 : 0);
          expect(size).toBeGreaterThan(0);
          expect(columns * size * wide + (columns - 1) * gap).toBeLessThanOrEqual(width);
          expect(rows * size * high + (rows - 1) * gap).toBeLessThanOrEqual(height);
        }
});

test("pages hold all cards, are equally full, and no card is too small where one alone is not", () => {
  for (const [width, height] of BOXES)
    for (const digits of [1, 2, 4])
      for (let count = 1; count <= 60; count += 1) {
        const held = perPage(count, { digits, caption: false, late: false }, width, height, 75);
        const pages = Math.ceil(count / held);
        expect(held).toBeGreaterThanOrEqual(1);
        expect(pages * held).toBeGreaterThanOrEqual(count);
        expect((pages - 1) * held).toBeLessThan(count);
        if (held > 1)
          expect(grid(held, { digits, caption: false, late: false }, width, height).size).toBeGreaterThanOrEqual(75);
      }
  expect(perPage(10, { digits: 2, caption: false, late: false }, 1300, 600, 75)).toBe(10);
  expect(perPage(50, { digits: 2, caption: false, late: false }, 1300, 600, 75)).toBe(25);
});

test("only what was not shown is new", () => {
  expect(newOnes([7, 9, 4], [9, 4])).toEqual([7]);
  expect(newOnes([], [9])).toEqual([]);
});
