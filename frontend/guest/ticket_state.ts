/** The state of one ticket, read from the line's public snapshot, which has the same bytes for all clients. */

import type { Hours } from "../shared/hours";

export const STATES = ["waiting", "called", "served", "left", "kicked", "no_show", "closed"] as const;
export type State = (typeof STATES)[number];

/** The state of the page's own party, as place.json has it (queues/pages/ticket_state.py). */
export interface TicketState {
  state: State;
  version: number;
  /** The server's time of the answer, ms since 1970; 0 when it has none. */
  now: number;
  nearby: boolean;
  /** Called, and it has said that it is on its way. */
  onMyWay: boolean;
  /** Called, its time is over, and the host decides. */
  late: boolean;
  /** Its number among the waiting parties, from 1, as on all our pages. */
  position: number;
  waitLowMs: number;
  waitHighMs: number;
  /** Nobody can say the wait yet. Missing in what an older release answers. */
  waitUnknown?: boolean;
  deadline: number | null;
  moreTime: "" | "asked" | "given";
  /** Parties waiting behind it. */
  behind: number;
  /** The promised end of the wait, earliest and latest (ms since 1970); null without a promise. */
  promised: [number, number] | null;
}

/** Only in this party's own answer, never in the snapshot. */
export interface Own extends TicketState {
  name: string;
  /** E.g. "3 guests", in the page's language. */
  guests: string;
  /** The host's message to this guest alone, or "". */
  message: string;
  /** How often these changed. */
  edits: number;
  /** Whether the guest is asked how the visit was. */
  visit: "" | "asked" | "answered";
}

/** A poll for the people in line; times in ms since 1970. */
export interface Question {
  code: string;
  title: string;
  from: number | null;
  until: number | null;
}

/** The part of the public snapshot that is read here (queues/shapes.py: public). */
export interface PublicLine {
  version: number;
  queue: { ticket: number; size: number; nearby: boolean; waitLowMs: number; waitHighMs: number }[];
  called: { ticket: number }[];
  message?: Message | null;
  eventName?: string;
  closed?: boolean;
  /** The waits of parties with others before them cannot be said yet. */
  waitsUnknown?: boolean;
  /** By ticket, only where it applies: how often name or size changed; the promised end of the wait, earliest and latest. */
  edited?: Record<string, number>;
  promised?: Record<string, [number, number]>;
  /** Newest first. */
  asked?: Question[];
  /** Of a service's line. */
  hours?: Hours;
  /** Why no new guests may join, only while that is said. */
  pauseReason?: string;
}

/** The host's message to all in line; `at` in ms since 1970. */
export interface Message {
  text: string;
  at: number;
}

/** What changed after version `since` (queues/deltas.py: public_changes): indices among waiting parties, before and now. */
export interface PublicChanges extends Omit<PublicLine, "queue"> {
  type: "queue_changes";
  since: number;
  changed: { ticket: number; from: number | null; to: number | null; size?: number; nearby?: boolean }[];
  waiting: number;
  /**
   * By class of size, parties of up to so many guests (null: any larger): [places, low, high] from the first place on. Missing in what
   * an older release answers.
   */
  waits?: { guests: number | null; runs: [number, number, number][] }[];
}

/** From this many waiting parties on only changes are fetched; the server's threshold is the same. */
export const LONG_LINE = 300;

/** A ticket's index among waiting parties, as of a version. */
export interface Spot {
  version: number;
  index: number;
  size: number;
  nearby: boolean;
}

export function spotIn(line: PublicLine, ticket: number): Spot | null {
  const index = line.queue.findIndex((each) => each.ticket === ticket);
  const own = line.queue[index];
  return own ? { version: line.version, index, size: own.size, nearby: own.nearby } : null;
}

/** The spot after the changes. Null when the party no longer waits. */
export function spotAfter(changes: PublicChanges, ticket: number, before: Spot): Spot | null {
  const { version, changed } = changes;
  const own = changed.find((each) => each.ticket === ticket);
  if (own) {
    const { to, size = before.size, nearby = before.nearby } = own;
    return to === null ? null : { version, index: to, size, nearby };
  }
  const left = changed.filter(({ from }) => from !== null && from < before.index).length;
  const came = changed.flatMap(({ to }) => (to === null ? [] : [to])).sort((a, b) => a - b);
  let index = before.index - left;
  for (const to of came) if (to <= index) index += 1;
  return { ...before, version, index };
}

/** The wait at a place, as the whole snapshot has it (queues/waits.py: table): [low, high] in ms. */
export function waitAt(waits: NonNullable<PublicChanges["waits"]>, { index, size }: Spot): [number, number] {
  let left = index;
  for (const [places, low, high] of waits.find(({ guests }) => guests === null || size <= guests)?.runs ?? []) {
    if (left < places) return [low, high];
    left -= places;
  }
  return [0, 0];
}

/** The state of a waiting ticket of a long line. */
export function waitingAt(spot: Spot, line: PublicChanges, ticket: number): TicketState {
  const [low, high] = waitAt(line.waits ?? [], spot);
  return {
    state: "waiting",
    version: line.version,
    now: 0,
    nearby: spot.nearby,
    onMyWay: false,
    late: false,
    position: spot.index + 1,
    waitLowMs: low,
    waitHighMs: high,
    waitUnknown: Boolean(line.waitsUnknown) && spot.index > 0,
    deadline: null,
    moreTime: "",
    behind: line.waiting - spot.index - 1,
    promised: line.promised?.[ticket] ?? null,
  };
}

/** A waiting ticket's state. Null when it is called or gone: then only its own answer has the state. */
export function waitingIn(line: PublicLine, ticket: number): TicketState | null {
  const index = line.queue.findIndex((each) => each.ticket === ticket);
  const own = line.queue[index];
  if (!own) return null;
  return {
    state: "waiting",
    version: line.version,
    now: 0,
    nearby: own.nearby,
    onMyWay: false,
    late: false,
    position: index + 1,
    waitLowMs: own.waitLowMs,
    waitHighMs: own.waitHighMs,
    waitUnknown: Boolean(line.waitsUnknown) && index > 0,
    deadline: null,
    moreTime: "",
    behind: line.queue.length - index - 1,
    promised: line.promised?.[ticket] ?? null,
  };
}

/** States in which a party may vote in the line's polls (polls/casting.py). */
export const MAY_VOTE: readonly State[] = ["waiting", "called", "served"];

export const inLine = (state: State): boolean => state === "waiting" || state === "called";

// The host can restore an ended place by undo, put back or reopening. So its page keeps polling, less often.
const ENDED_FACTOR = 2;
const LONG_ENDED_FACTOR = 6;
const LONG_ENDED_MS = 20 * 60_000;

/** How many times longer than usual a page waits between polls, in a state that is so old (ms). */
export function patience(state: State, ageMs: number): number {
  if (inLine(state)) return 1;
  return ageMs > LONG_ENDED_MS ? LONG_ENDED_FACTOR : ENDED_FACTOR;
}

/** What is left of the promised wait, in ms of the line's own time, which runs `scale` times faster. */
export const leftOf = (promised: [number, number], now: number, scale: number): [number, number] => [
  Math.max(promised[0] - now, 0) * scale,
  Math.max(promised[1] - now, 0) * scale,
];

/** The question to show at a time: the newest that has begun and not ended. */
export const questionAt = (questions: readonly Question[], now: number): Question | undefined =>
  questions.find(({ from, until }) => (from === null || from <= now) && (until === null || until > now));
