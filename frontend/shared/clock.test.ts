import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { elapsedSince, instant, ServerClock } from "./clock";

// The truth, ms since 1970, and what of it this phone has seen pass.
const START = 1_790_000_000_000;
let truth = START;
let run = 0;
let day = 0;

beforeEach(() => {
  truth = START;
  run = 5_000;
  day = START;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  vi.spyOn(performance, "now").mockImplementation(() => run);
  vi.spyOn(Date, "now").mockImplementation(() => day);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Time goes on, awake: the quartz of this phone runs by `drift` too fast. */
function pass(ms: number, drift = 0): void {
  truth += ms;
  run += ms * (1 + drift);
  day += ms * (1 + drift);
}

/** Time goes on while performance.now stands still. */
function sleep(ms: number): void {
  truth += ms;
  day += ms;
}

/** A numbered series of chances, the same each time. */
function chances(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (state / 2_147_483_648) * most;
  };
}

/** An answer written `there` ms after it was asked for, here `back` ms later. */
function answer(clock: ServerClock, there: number, back: number): void {
  const asked = instant();
  pass(there);
  const answered = truth;
  pass(back);
  clock.learn(answered, asked);
}

test("it is right with a phone that is ten minutes off, and stays right when that is set", () => {
  day = START + 600_000;
  const clock = new ServerClock();
  answer(clock, 20, 30);
  expect(Math.abs(clock.now() - truth)).toBeLessThan(50);
  for (const set of [-600_000, 86_400_000, -3_600_000]) {
    day += set;
    expect(Math.abs(clock.now() - truth)).toBeLessThan(50);
    expect(clock.doubtful).toBe(true);
    answer(clock, 20, 30);
    expect(clock.doubtful).toBe(false);
    expect(Math.abs(clock.now() - truth)).toBeLessThan(50);
  }
});

test("after delays, drift and a clock that was set the next answer is right again", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const chance = chances(seed);
    truth = START;
    run = chance(100_000);
    day = START + chance(2e9) - 1e9;
    const drift = chance(2e-4) - 1e-4;
    // The page's time may be anything.
    const clock = new ServerClock(START + chance(2e6) - 1e6);
    for (let step = 0; step < 20; step += 1) {
      const what = chance(4);
      if (what < 1) sleep(chance(600_000));
      else if (what < 1.5) day += chance(2e6) - 1e6;
      else pass(chance(120_000), drift);
      const [there, back] = [chance(3_000), chance(3_000)];
      answer(clock, there, back);
      if (step === 0) continue; // the page's time may still be within the bounds of the first answer
      const late = truth - clock.now();
      expect(late, `seed ${seed}, step ${step}`).toBeLessThan(back + 500 + 300);
      expect(late, `seed ${seed}, step ${step}`).toBeGreaterThan(-there - 800);
    }
  }
});

test("a slow answer does not widen the bounds of a quick one", () => {
  const clock = new ServerClock();
  answer(clock, 5, 5);
  pass(10_000);
  answer(clock, 200, 7_000);
  expect(Math.abs(clock.now() - truth)).toBeLessThan(50);
});

test("a phone that slept is in doubt, asks once, and counts as asleep until an answer", async () => {
  const clock = new ServerClock();
  answer(clock, 10, 10);
  let asked = 0;
  let online = false;
  clock.keepRight(async () => {
    asked += 1;
    if (!online) throw new TypeError("no network");
    answer(clock, 10, 10);
  });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(asked).toBe(0);
  sleep(120_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toBe(1);
  expect(Math.abs(clock.now() - truth)).toBeLessThan(50);
  online = true;
  run += 6_000;
  truth += 6_000;
  day += 6_000;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toBe(2);
  expect(clock.doubtful).toBe(false);
  expect(Math.abs(clock.now() - truth)).toBeLessThan(50);
});

test("an answer that was on its way while the phone slept leaves it in doubt", () => {
  const clock = new ServerClock();
  const asked = instant();
  const answered = truth;
  sleep(300_000);
  pass(10);
  clock.learn(answered, asked);
  expect(clock.doubtful).toBe(true);
  answer(clock, 10, 10);
  expect(clock.doubtful).toBe(false);
  expect(Math.abs(clock.now() - truth)).toBeLessThan(50);
});

test("an age counts a sleep, and nothing when the time of day is put back", () => {
  const then = instant();
  pass(4_000);
  expect(elapsedSince(then)).toBe(4_000);
  sleep(3_600_000);
  expect(elapsedSince(then)).toBe(3_604_000);
  day -= 7_200_000;
  expect(elapsedSince(then)).toBe(4_000);
});

test("a copy that was kept has slept since, and is in doubt until an answer comes", () => {
  vi.spyOn(performance, "getEntriesByType").mockReturnValue([
    { requestStart: 4_000, responseStart: 4_100 } as unknown as PerformanceEntry,
  ]);
  const [fresh, copy] = [new ServerClock(START), new ServerClock(START - 42_000, { copiedAt: day - 42_000 })];
  expect([fresh.now(), copy.now()]).toEqual([START + 900, START + 900]);
  const clockPutBack = new ServerClock(START - 42_000, { copiedAt: day + 600_000 });
  expect(clockPutBack.now()).toBe(START - 42_000 + 900);
  expect([fresh.doubtful, copy.doubtful]).toEqual([false, true]);
  answer(copy, 10, 10);
  expect(Math.abs(copy.now() - truth)).toBeLessThan(50);
});
