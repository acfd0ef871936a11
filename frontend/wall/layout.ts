/** The cards of called tickets on a wall, and how large they are. Pure. Apart from view.ts, which guests' phones load. */
import type { PublicLine } from "./view";

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
