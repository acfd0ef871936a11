/** Where one ticket stands in the line's public snapshot, which is the same bytes for everybody. */

export const STATES = ["waiting", "called", "served", "left", "kicked", "no_show", "closed"] as const;
export type State = (typeof STATES)[number];

/** What the page shows of its own party; place.json has the same (queues/pages/place.py). */
export interface Standing {
  state: State;
  version: number;
  nearby: boolean;
  position: number;
  waitLowMs: number;
  waitHighMs: number;
  deadline: number | null;
  moreTime: "" | "asked" | "given";
  /** Parties waiting behind it. */
  behind: number;
}

/** The part of the public snapshot that is read here (queues/shapes.py: public). */
export interface PublicLine {
  version: number;
  queue: { ticket: number; nearby: boolean; waitLowMs: number; waitHighMs: number }[];
  called: { ticket: number }[];
}

/** A waiting ticket's standing. Null when it is not waiting: called or gone, which only its own answer tells in full. */
export function waitingIn(line: PublicLine, ticket: number): Standing | null {
  const index = line.queue.findIndex((each) => each.ticket === ticket);
  const own = line.queue[index];
  if (!own) return null;
  return {
    state: "waiting",
    version: line.version,
    nearby: own.nearby,
    position: index + 1 + (line.called.length ? 1 : 0), // whoever is being served counts as one ahead
    waitLowMs: own.waitLowMs,
    waitHighMs: own.waitHighMs,
    deadline: null,
    moreTime: "",
    behind: line.queue.length - index - 1,
  };
}

export const inLine = (state: State): boolean => state === "waiting" || state === "called";

/** After so many seconds without an answer the page says that it is old. */
export const STALE_AFTER_S = 30;

/** Whether what is shown is old, and whether to say that there is no connection: at once after a failed request. */
export function freshness(ageS: number, trouble: boolean, state: State): { stale: boolean; offline: boolean } {
  const stale = ageS > STALE_AFTER_S;
  return { stale, offline: inLine(state) && (trouble || stale) };
}
