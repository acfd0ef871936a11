import { expect, test } from "vitest";
import { type PublicChanges, type PublicLine, spotAfter, spotIn, waitingAt, waitingIn } from "./standing";

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

test("a waiting ticket finds its place among those waiting, whoever is being served", () => {
  expect(waitingIn(line([], 3, 5, 9), 5)).toMatchObject({ position: 2, behind: 1, nearby: true, version: 7 });
  expect(waitingIn(line([1, 2], 3, 5, 9), 5)).toMatchObject({ position: 2, behind: 1, waitLowMs: 1000 });
  expect(waitingIn(line([], 3, 5, 9), 9)).toMatchObject({ position: 3, behind: 0, nearby: false });
});

test("a ticket that is called or gone has no place in it", () => {
  expect(waitingIn(line([5], 3), 5)).toBeNull();
  expect(waitingIn(line([], 3), 5)).toBeNull();
  expect(waitingIn(line([]), 5)).toBeNull();
});

/** What the server would say of two orders of the same line (queues/deltas.py). */
function changesOf(before: number[], after: number[], moved: number[]): PublicChanges {
  const index = (order: number[], ticket: number) => (order.includes(ticket) ? order.indexOf(ticket) : null);
  return {
    type: "queue_changes",
    since: 7,
    version: 8,
    changed: moved.map((ticket) => ({ ticket, from: index(before, ticket), to: index(after, ticket), nearby: true })),
    waiting: after.length,
    paceMs: 60_000,
    quotePercent: [70, 130],
    called: [],
  };
}

test("every ticket of a long line finds its place from the changes alone, whoever left, came or moved", () => {
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % below;
  };
  for (let round = 0; round < 200; round += 1) {
    const before = Array.from({ length: 1 + random(12) }, (_, at) => at + 1);
    const moved = before.filter(() => random(4) === 0);
    const after = before.filter((ticket) => !moved.includes(ticket));
    for (const ticket of [...moved.filter(() => random(2)), ...(random(2) ? [99, 98] : [])]) {
      after.splice(random(after.length + 1), 0, ticket);
      if (!moved.includes(ticket)) moved.push(ticket);
    }
    const told = changesOf(before, after, moved);
    for (const ticket of before) {
      const spot = spotIn(line([], ...before), ticket);
      const now = spot && spotAfter(told, ticket, spot);
      expect(now?.index ?? -1, `${ticket} of ${before} in ${after}`).toBe(after.indexOf(ticket));
    }
  }
});

test("a long line's waits follow from the place", () => {
  const told = { ...changesOf([1, 2], [1, 2], []), called: [{ ticket: 9 }] };
  expect(waitingAt({ version: 8, index: 1, nearby: false }, told)).toMatchObject({
    position: 2,
    behind: 0,
    waitLowMs: 84_000,
    waitHighMs: 156_000,
  });
});
