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
  joinBySize?: [number | null, number, number][];
  /** Nobody can say the wait yet. */
  joinUnknown?: boolean;
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
