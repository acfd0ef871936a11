import { expect, test } from "vitest";
import { between, type Frame, frameOf, heightStep, lineOf, type Point, thinned, timeStep } from "./frame";
import { firstAfter, signed, type Tick } from "./ticks";

const START = 1_780_000_000;
const tick = (second: number, value: number): Tick => ({
  ts: START + second,
  votes: { yes: Math.max(value, 0), no: Math.max(-value, 0) },
});
const some = (seconds: number, value: (second: number) => number = () => 0): Tick[] =>
  Array.from({ length: seconds }, (_, second) => tick(second, value(second)));

test("a young graph has room to grow to the right", () => {
  const frame = frameOf(some(5));
  expect([frame.from, frame.to, frame.head]).toEqual([START, START + 60, START + 4]);
  expect(frame.low).toBeLessThan(0);
  expect(frame.high).toBeGreaterThan(0);
});

test("zoomed, only the last seconds are shown, and only their heights count", () => {
  const ticks = some(1000, (second) => (second === 10 ? 500 : second === 990 ? -40 : 3));
  const [all, minute] = [frameOf(ticks), frameOf(ticks, 60)];
  expect([all.from, all.to]).toEqual([START, START + 999]);
  expect(all.high).toBeGreaterThan(500);
  expect([minute.from, minute.to]).toEqual([START + 939, START + 999]);
  expect(minute.high).toBeLessThan(20);
  expect(minute.low).toBeLessThanOrEqual(-40);
});

test("a zoom wider than the history shows all of it", () => {
  const ticks = some(100);
  expect(frameOf(ticks, 900)).toEqual(frameOf(ticks));
});

test("the line comes in from the left edge and ends between two ticks", () => {
  const ticks = [tick(0, 0), tick(10, 10), tick(20, 0), tick(21, 4)];
  const frame: Frame = { from: START + 5, to: START + 65, low: -2, high: 12, head: START + 20.25 };
  expect(lineOf(ticks, frame)).toEqual([
    [START, 0],
    [START + 10, 10],
    [START + 20, 0],
    [START + 20.25, 1],
  ]);
  expect(lineOf(ticks, { ...frame, head: START + 21 }).at(-1)).toEqual([START + 21, 4]);
  expect(lineOf([], frame)).toEqual([]);
});

test("a frame glides to the next one", () => {
  const [one, other] = [frameOf(some(100)), frameOf(some(101, (second) => (second === 100 ? 9 : 0)))];
  expect(between(one, other, 0)).toEqual(one);
  expect(between(one, other, 1)).toEqual(other);
  expect(between(one, other, 0.5).head).toBe(START + 99.5);
});

test("of points in one column the ends and the peaks stay, in order", () => {
  const points: Point[] = Array.from({ length: 43_200 }, (_, at) => [
    at / 43.2,
    at === 20_001 ? -99 : at === 30_003 ? 99 : at % 7,
  ]);
  const kept = thinned(points);
  expect(kept.length).toBeLessThanOrEqual(4 * 1001);
  expect(kept).toEqual([...kept].sort(([one], [other]) => one - other));
  for (const point of [points[0], points[20_001], points[30_003], points.at(-1)]) expect(kept).toContain(point);
  expect(thinned([])).toEqual([]);
  expect(thinned([[3, 4]])).toEqual([[3, 4]]);
});

test("lines stand at round heights, never more than there is room for", () => {
  for (const [height, most, step] of [
    [4, 6, 1],
    [60, 6, 10],
    [61, 6, 20],
    [240, 5, 50],
    [10_000, 4, 5000],
    [3, 0, 2],
  ] as const) {
    expect(heightStep(height, most)).toBe(step);
  }
});

test("labels stand at round times", () => {
  expect(timeStep(60, 6)).toBe(10);
  expect(timeStep(12 * 3600, 8)).toBe(7200);
  expect(timeStep(24 * 3600, 0)).toBe(43_200);
});

test("a tick is found by its second", () => {
  const ticks = [tick(0, 0), tick(1, 0), tick(5, 0)];
  expect([-1, 0, 3, 5, 9].map((second) => firstAfter(ticks, START + second))).toEqual([0, 1, 2, 3, 3]);
});

test("a balance has its sign", () => {
  expect([5, 0, -3].map(signed)).toEqual(["+5", "0", "−3"]);
});
