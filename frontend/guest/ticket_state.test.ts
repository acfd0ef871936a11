import { expect, test } from "vitest";
import {
  leftOf,
  type PublicChanges,
  type PublicLine,
  questionAt,
  spotAfter,
  spotIn,
  waitingAt,
  waitingIn,
} from "./ticket_state";

const line = (called: number[], ...waiting: number[]): PublicLine => ({
  version: 7,
  called: called.map((ticket) => ({ ticket })),
  queue: waiting.map((ticket, index) => ({
    ticket,
    size: 2,
    nearby: ticket === 5,
    waitLowMs: index * 1000,
    waitHighMs: index * 2000,
  })),
});

test("a waiting ticket finds its place among those waiting; a party being served counts for nothing", () => {
  expect(waitingIn(line([], 3, 5, 9), 5)).toMatchObject({ position: 2, behind: 1, nearby: true, version: 7 });
  expect(waitingIn(line([1, 2], 3, 5, 9), 5)).toMatchObject({ position: 2, behind: 1, waitLowMs: 1000 });
  expect(waitingIn(line([], 3, 5, 9), 9)).toMatchObject({ position: 3, behind: 0, nearby: false });
});

test("a ticket that is called or gone has no place in it", () => {
  expect(waitingIn(line([5], 3), 5)).toBeNull();
  expect(waitingIn(line([], 3), 5)).toBeNull();
  expect(waitingIn(line([]), 5)).toBeNull();
});

test("while nobody can say the waits, only the first is told its own", () => {
  const known = (told: PublicLine, ticket: number) => waitingIn(told, ticket)?.waitUnknown;
  expect([3, 5, 9].map((ticket) => known({ ...line([1], 3, 5, 9), waitsUnknown: true }, ticket))).toEqual([
    false,
    true,
    true,
  ]);
  expect(known(line([1], 3, 5, 9), 9)).toBe(false);
  const told = { ...changesOf([3, 5], [3, 5], []), waitsUnknown: true };
  expect([0, 1].map((index) => waitingAt({ version: 8, index, size: 2, nearby: false }, told, 5).waitUnknown)).toEqual([
    false,
    true,
  ]);
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
    waits: [
      {
        guests: 2,
        runs: [
          [1, 0, 300_000],
          [9, 300_000, 900_000],
        ],
      },
      { guests: null, runs: [[10, 600_000, 1_200_000]] },
    ],
    called: [],
  };
}

test("every ticket of a long line finds its place from the changes alone after others left, came or moved", () => {
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

test("a long line's waits follow from the place and the size", () => {
  const told = changesOf([1, 2], [1, 2], []);
  const waits = (index: number, size: number) => {
    const { waitLowMs, waitHighMs } = waitingAt({ version: 8, index, size, nearby: false }, told, 2);
    return [waitLowMs, waitHighMs];
  };
  expect(waits(0, 2)).toEqual([0, 300_000]);
  expect(waits(1, 1)).toEqual([300_000, 900_000]);
  expect(waits(9, 2)).toEqual([300_000, 900_000]);
  expect(waits(1, 3)).toEqual([600_000, 1_200_000]);
  expect(waitingAt({ version: 8, index: 1, size: 2, nearby: false }, told, 2)).toMatchObject({
    position: 2,
    behind: 0,
  });
});

test("a party whose size changed is looked up by its new size", () => {
  const told = changesOf([1, 2], [1, 2], []);
  told.changed = [{ ticket: 2, from: 1, to: 1, size: 5, nearby: false }];
  expect(spotAfter(told, 2, { version: 7, index: 1, size: 2, nearby: true })).toMatchObject({ size: 5, nearby: false });
});

test("a promised wait is found in the whole line and in what changed, and runs down to nothing", () => {
  const promised: Record<string, [number, number]> = { 5: [70_000, 90_000] };
  expect(waitingIn({ ...line([], 3, 5), promised }, 5)?.promised).toEqual([70_000, 90_000]);
  expect(waitingIn({ ...line([], 3, 5), promised }, 3)?.promised).toBeNull();
  const told = { ...changesOf([3, 5], [3, 5], []), promised };
  expect(waitingAt({ version: 8, index: 1, size: 2, nearby: false }, told, 5).promised).toEqual([70_000, 90_000]);
  expect(leftOf([70_000, 90_000], 60_000, 1)).toEqual([10_000, 30_000]);
  expect(leftOf([70_000, 90_000], 80_000, 1)).toEqual([0, 10_000]);
  expect(leftOf([70_000, 90_000], 80_000, 60)).toEqual([0, 600_000]);
  expect(leftOf([70_000, 90_000], 100_000, 60)).toEqual([0, 0]);
});

test("a ticket shows the newest question that has begun and is not over", () => {
  const question = (code: string, from: number | null, until: number | null) => ({ code, title: code, from, until });
  const asked = [question("C", 50, null), question("B", null, 40), question("A", null, null)];
  expect([30, 45, 50].map((now) => questionAt(asked, now)?.code)).toEqual(["B", "A", "C"]);
  expect(questionAt([], 1)).toBeUndefined();
});
