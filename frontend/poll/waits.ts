/**
 * Waits outlive a page, so the ballot stores them as times of the phone's clock, which may be wrong or change. Within a page the
 * monotonic clock (performance.now) counts too; a wait is over as soon as either says so.
 */
import { LONGEST_MS, left, waitMs } from "../shared/backoff";
import type { Ballot } from "./outbox";

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
