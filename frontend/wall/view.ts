/** What a line's wall shows of the public snapshot (queues/shapes.py: public). Pure. */

export interface PublicLine {
  version: number;
  queue: { ticket: number; size: number }[];
  called: { ticket: number; size: number }[];
  maxGuests: number;
  joinLowMs: number;
  joinHighMs: number;
  paused: boolean;
  closed: boolean;
}

export type State = "open" | "paused" | "full" | "closed";

/** As queues/pages/wall.py says it. */
export function stateOf({ closed, paused, queue, called, maxGuests }: PublicLine): State {
  if (closed) return "closed";
  if (paused) return "paused";
  const there = [...queue, ...called].reduce((sum, { size }) => sum + size, 0);
  return there < maxGuests ? "open" : "full";
}

/** The tickets called, the newest first, of the most that have room. */
export const calledTickets = ({ called }: PublicLine, most: number): number[] =>
  called
    .map(({ ticket }) => ticket)
    .reverse()
    .slice(0, most);

/** Those of the tickets that were not shown before. */
export const newOnes = (tickets: readonly number[], before: readonly number[]): number[] =>
  tickets.filter((ticket) => !before.includes(ticket));
