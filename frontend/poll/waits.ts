/**
 * Waits outlive a page, so the ballot stores them as times of the phone's clock, which may be wrong or change. Within a page the
 * monotonic clock (performance.now) counts too; a wait is over as soon as either says so.
 */
import type { Ballot } from "./outbox";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const LONGEST_ASKED_MS = 3_600_000;
// Far below 2^31 ms, beyond which browsers' timers fire at once.
const LONGEST_MS = LONGEST_ASKED_MS + LONGEST_WAIT_MS;

/** Exponential, full jitter: clients that failed together do not come back together. */
export const waitMs = (attempts: number): number =>
  Math.random() * Math.min(FIRST_WAIT_MS * 2 ** attempts, LONGEST_WAIT_MS);

/** Retry-After in seconds as ms; 0 without one, and for other values. */
export const askedMs = (retryAfter: string | null): number =>
  Math.min(Math.max(Number(retryAfter) || 0, 0) * 1000, LONGEST_ASKED_MS);

/**
 * What is left of a wait of `whole` ms that ends at `until` (ms since 1970). A later end means that the clock was set back since:
 * then nothing is left.
 */
export function left(until: number, whole: number, now = Date.now()): number {
  const rest = until - now;
  return rest > 0 && rest <= Math.min(whole, LONGEST_MS) ? rest : 0;
}

interface Mark {
  id: string;
  attempts: number;
  at: number;
  whole: number;
  asked: number;
}

/** The waits of one page's ballots, by poll. */
export class Waits {
  readonly #marks = new Map<string, Mark>();

  /** The ballot with its next wait: what the server asked for (ms), and a random part that grows with each try. */
  begin(ballot: Ballot, asked: number): Ballot {
    const { poll, id, attempts } = ballot;
    const whole = asked + waitMs(asked ? attempts - 1 : attempts);
    this.#marks.set(poll, { id, attempts, at: performance.now(), whole, asked });
    const now = Date.now();
    return { ...ballot, wait: whole, next: now + whole, notBefore: asked ? now + asked : 0 };
  }

  /** ms until the timer sends it. */
  untilNext(ballot: Ballot): number {
    return this.#left(ballot, ballot.next, ({ whole }) => whole);
  }

  /** ms until the server allows it to be sent. */
  untilAllowed(ballot: Ballot): number {
    return this.#left(ballot, ballot.notBefore, ({ asked }) => asked);
  }

  #left(ballot: Ballot, until: number, of: (mark: Mark) => number): number {
    const { poll, id, attempts, wait } = ballot;
    const stored = left(until, wait ?? LONGEST_MS);
    const mark = this.#marks.get(poll);
    if (mark?.id !== id || mark.attempts !== attempts) return stored;
    return Math.max(Math.min(stored, mark.at + of(mark) - performance.now()), 0);
  }
}
