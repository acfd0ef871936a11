/** The visible part of the history, and the position of lines and labels. Pure. */
import { balance, firstAfter, type Tick } from "./ticks";

const LEAST_SPAN_S = 60; // a young graph grows from the left
const LEAST_REACH = 2;
const LEAST_SHARE = 0.25; // least height of one side, as a share of the other's
const MARGIN = 1.08;
const TIME_STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200];

/** From second `from` to `to`, from balance `low` to `high`; the line is drawn up to second `head`. */
export interface Frame {
  from: number;
  to: number;
  low: number;
  high: number;
  head: number;
}

export type Point = [x: number, y: number];

/** The frame around all of the ticks, or around the last `zoomS` seconds. There is at least one tick. */
export function frameOf(ticks: readonly Tick[], zoomS = Infinity): Frame {
  const [first, last] = [ticks[0] as Tick, ticks.at(-1) as Tick];
  const from = Math.max(first.ts, last.ts - zoomS);
  let [high, low] = [LEAST_REACH, -LEAST_REACH];
  // Includes the tick before, where the line enters the frame.
  for (let index = Math.max(firstAfter(ticks, from) - 1, 0); index < ticks.length; index += 1) {
    const value = balance(ticks[index] as Tick);
    high = Math.max(high, value);
    low = Math.min(low, value);
  }
  return {
    from,
    to: Math.max(last.ts, from + Math.min(zoomS, LEAST_SPAN_S)),
    high: Math.max(high, -low * LEAST_SHARE) * MARGIN,
    low: Math.min(low, -high * LEAST_SHARE) * MARGIN,
    head: last.ts,
  };
}

/** Interpolates between two frames: `share` 0 is the first, 1 the second. */
export function between(one: Frame, other: Frame, share: number): Frame {
  const mix = (name: keyof Frame) => one[name] + (other[name] - one[name]) * share;
  return { from: mix("from"), to: mix("to"), low: mix("low"), high: mix("high"), head: mix("head") };
}

/** The line within a frame as [second, balance], from the tick at or before its left edge to its head. */
export function lineOf(ticks: readonly Tick[], { from, head }: Frame): Point[] {
  const end = firstAfter(ticks, head);
  const points = ticks
    .slice(Math.max(firstAfter(ticks, from) - 1, 0), end)
    .map((tick): Point => [tick.ts, balance(tick)]);
  const [before, after] = [ticks[end - 1], ticks[end]];
  if (before && after) {
    const share = (head - before.ts) / (after.ts - before.ts);
    points.push([head, balance(before) + (balance(after) - balance(before)) * share]);
  }
  return points;
}

/** Thins points for a screen: keeps of each pixel column the first, highest, lowest and last, in order. */
export function thinned(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  let column: Point[] = [];
  const flush = () => {
    const highest = column.reduce((best, each) => (each[1] < best[1] ? each : best));
    const lowest = column.reduce((best, each) => (each[1] > best[1] ? each : best));
    const ends = [column[0], column.at(-1)];
    kept.push(...column.filter((each) => ends.includes(each) || each === highest || each === lowest));
  };
  for (const point of points) {
    if (column[0] && Math.floor(point[0]) !== Math.floor(column[0][0])) {
      flush();
      column = [];
    }
    column.push(point);
  }
  if (column.length) flush();
  return kept;
}

/** The round step (1, 2, 5, 10, 20 ...) by which at most `most` lines divide a height. */
export function heightStep(height: number, most: number): number {
  const rough = Math.max(height / Math.max(most, 2), 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
}

/** The step in seconds by which at most `most` labels divide a span. */
export const timeStep = (spanS: number, most: number): number =>
  TIME_STEPS_S.find((each) => spanS / each <= Math.max(most, 1)) ?? 43_200;
