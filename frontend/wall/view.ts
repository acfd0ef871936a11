/** What a line's wall shows of the public snapshot (queues/shapes.py: public). Pure. */

import type { Hours } from "../shared/hours";

export interface PublicLine {
  version: number;
  /** Missing in what an older release answers. */
  eventName?: string;
  queue: { ticket: number; size: number }[];
  called: { ticket: number; size: number; deadline?: number | null }[];
  maxGuests: number;
  joinLowMs: number;
  joinHighMs: number;
  paused: boolean;
  closed: boolean;
  message?: { text: string } | null;
  /** Of a service's line: when it ends, and whether its last entry is over. */
  hours?: Hours;
  entryOver?: boolean;
  /** Whether a join needs the code on the wall. */
  hereOnly?: boolean;
  /** Why no new guests may join, only while that is said. */
  pauseReason?: string;
}

export type State = "open" | "paused" | "over" | "full" | "closed";

/** As in queues/pages/wall.py. */
export function stateOf({ closed, entryOver, paused, queue, called, maxGuests }: PublicLine): State {
  if (closed) return "closed";
  if (entryOver) return "over";
  if (paused) return "paused";
  const there = [...queue, ...called].reduce((sum, { size }) => sum + size, 0);
  return there < maxGuests ? "open" : "full";
}

/** A called ticket on a wall. `name` is empty on all screens but a host's of a venue that shows names. */
export interface Card {
  ticket: number;
  late: boolean;
  name: string;
}

/** The tickets called: all of them, the newest call first, those whose time is over last; as in queues/pages/called.py. */
export function calledCards(
  { called }: Pick<PublicLine, "called">,
  now: number,
  names: ReadonlyMap<number, string>,
): Card[] {
  const cards = called.map(({ ticket, deadline }) => ({
    ticket,
    late: (deadline ?? now) < now,
    name: names.get(ticket) ?? "",
  }));
  return cards.reverse().sort((one, other) => Number(one.late) - Number(other.late));
}

/** Cards side by side: `size` is the height of their digits in px. */
export interface Grid {
  columns: number;
  size: number;
}

// A card's width per digit, its edges and its height, in units of the digits' size; as in wall.css.
const DIGIT = 0.68;
const EDGES = 0.5;
const LINE = 1.25;
// What a name below the digits needs at least, and the label of a late party above them.
const CAPTION_WIDE = 2.4;
const CAPTION_LINE = 0.42;
const LATE_LINE = 0.3;
export const GAP = 0.015;

/** What the largest card holds. */
export interface Content {
  digits: number;
  caption: boolean;
  late: boolean;
}

/** The grid that shows `count` cards as large as possible in the box (px). */
export function grid(count: number, { digits, caption, late }: Content, width: number, height: number): Grid {
  const wide = Math.max(DIGIT * digits + EDGES, caption ? CAPTION_WIDE : 0);
  const high = LINE + (caption ? CAPTION_LINE : 0) + (late ? LATE_LINE : 0);
  const gap = GAP * width;
  let best: Grid = { columns: 1, size: 0 };
  for (let columns = 1; columns <= Math.max(count, 1); columns += 1) {
    const rows = Math.ceil(count / columns) || 1;
    const across = (width - gap * (columns - 1)) / columns / wide;
    const down = (height - gap * (rows - 1)) / rows / high;
    const size = Math.floor(Math.min(across, down));
    if (size > best.size) best = { columns, size };
  }
  return best;
}

/** How many cards one page holds so that none is smaller than `least`, pages being equally full. At least one. */
export function perPage(count: number, content: Content, width: number, height: number, least: number): number {
  for (let pages = 1; pages < count; pages += 1) {
    const held = Math.ceil(count / pages);
    if (grid(held, content, width, height).size >= least) return held;
  }
  return 1;
}

/** The tickets that were not shown before. */
export const newOnes = (tickets: readonly number[], before: readonly number[]): number[] =>
  tickets.filter((ticket) => !before.includes(ticket));
