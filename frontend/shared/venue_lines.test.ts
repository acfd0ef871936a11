import { afterEach, expect, test, vi } from "vitest";
import { type OpenLine, watchLines } from "./venue_lines";

const line = (waiting: number): OpenLine => ({
  code: "ABC234",
  state: "open",
  waiting,
  joinLowMs: 0,
  joinHighMs: 0,
  called: [],
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("news that take long to show are shown before the next are asked for", async () => {
  vi.useFakeTimers();
  document.body.innerHTML =
    '<main data-lines="/lines" data-codes="ABC234" data-poll-ms="1000"><p data-code="ABC234"></p></main>';
  let asked = 0;
  vi.stubGlobal("fetch", async () => Response.json({ lines: [line(++asked)] }));
  const shown: number[] = [];
  let done = () => {};
  const poll = watchLines({
    show: async ({ waiting }) => {
      if (waiting === 1) await new Promise<void>((resolve) => (done = resolve));
      shown.push(waiting);
    },
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect([asked, shown]).toEqual([1, []]);
  done();
  await vi.advanceTimersByTimeAsync(1_300);
  poll.stop();
  expect([asked, shown]).toEqual([2, [1, 2]]);
});
