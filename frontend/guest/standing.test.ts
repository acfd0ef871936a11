import { expect, test } from "vitest";
import { freshness, type PublicLine, waitingIn } from "./standing";

const line = (called: number[], ...waiting: number[]): PublicLine => ({
  version: 7,
  called: called.map((ticket) => ({ ticket })),
  queue: waiting.map((ticket, index) => ({
    ticket,
    nearby: ticket === 5,
    waitLowMs: index * 1000,
    waitHighMs: index * 2000,
  })),
});

test("a waiting ticket finds its place, counting whoever is being served as one ahead", () => {
  expect(waitingIn(line([], 3, 5, 9), 5)).toMatchObject({ position: 2, behind: 1, nearby: true, version: 7 });
  expect(waitingIn(line([1, 2], 3, 5, 9), 5)).toMatchObject({ position: 3, behind: 1, waitLowMs: 1000 });
  expect(waitingIn(line([], 3, 5, 9), 9)).toMatchObject({ position: 3, behind: 0, nearby: false });
});

test("a ticket that is called or gone has no place in it", () => {
  expect(waitingIn(line([5], 3), 5)).toBeNull();
  expect(waitingIn(line([], 3), 5)).toBeNull();
  expect(waitingIn(line([]), 5)).toBeNull();
});

test("what is old is said to be old, and offline is said at once", () => {
  expect(freshness(5, false, "waiting")).toEqual({ stale: false, offline: false });
  expect(freshness(5, true, "called")).toEqual({ stale: false, offline: true });
  expect(freshness(31, false, "waiting")).toEqual({ stale: true, offline: true });
  expect(freshness(500, true, "served")).toEqual({ stale: true, offline: false });
});
