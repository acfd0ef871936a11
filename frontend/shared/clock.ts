/**
 * An estimate of the server's time, which is the database's (decision 0029). An answer with `now` bounds it: on arrival the time is
 * at least `now`, and at most `now` plus the answer's round trip. Between answers the monotonic clock (performance.now) advances it
 * and the bounds widen, so that an answer outside of them replaces the estimate.
 *
 * The phone's wall clock is never used as a time. Only its advance is compared, to notice that the phone slept, during which
 * performance.now may stop.
 */

// Drift of a quartz clock; and how much two processes' estimates of the database's clock may differ.
const DRIFT = 1e-3;
const SLACK_MS = 500;
// The two clocks of a phone that is awake differ by less (the time of day is corrected by up to 0.5 ms a second).
const LEAP_MS = 1_500;
const LOOK_EVERY_MS = 1_000;
const ASK_AGAIN_MS = 5_000;

/** One instant by both clocks of this device, ms. */
export interface Instant {
  readonly run: number;
  readonly day: number;
}

export const instant = (): Instant => ({ run: performance.now(), day: Date.now() });

/** By how much the wall clock ran ahead of the monotonic one (ms); 0 when they agree. */
function leapSince({ run, day }: Instant): number {
  const ran = performance.now() - run;
  const leap = Date.now() - day - ran;
  return Math.abs(leap) > LEAP_MS + DRIFT * ran ? leap : 0;
}

/** ms since then. A possible sleep counts as one: an age may be overstated, never understated. */
export const elapsedSince = (then: Instant): number => performance.now() - then.run + Math.max(leapSince(then), 0);

export class ServerClock {
  // Bounds of the server's time minus performance.now(), as of #at.
  #low = Date.now() - performance.now();
  #high = Infinity;
  #at = instant();
  #known = false;
  #unanswered = false;

  /**
   * Sets the clock from a time that the server wrote into the page (ms since 1970). `copiedAt`: the page is this phone's copy, fetched
   * then by its time of day: as if the page had slept since, and the server had not answered when it woke.
   */
  constructor(nowMs = 0, { copiedAt = 0 } = {}) {
    const [loaded] = performance.getEntriesByType?.("navigation") ?? [];
    const { requestStart = 0, responseStart = 0 } = (loaded as PerformanceNavigationTiming | undefined) ?? {};
    const ago = (run: number): Instant => ({ run, day: Date.now() - (performance.now() - run) });
    if (!responseStart) this.learn(nowMs);
    else this.#take(nowMs, ago(responseStart), copiedAt ? undefined : ago(requestStart));
    if (!copiedAt) return;
    this.#at = { run: performance.now(), day: copiedAt };
    this.#unanswered = true;
  }

  /**
   * Learns from an answer that has just arrived, with the server's time `nowMs`, requested at `asked`. Without `asked` its round trip
   * is unknown.
   */
  learn(nowMs: number, asked?: Instant): void {
    this.#take(nowMs, instant(), asked);
  }

  #take(nowMs: number, arrived: Instant, asked: Instant | undefined): void {
    if (!(nowMs > 0)) return;
    // On its way the phone may have slept.
    const way = asked ? arrived.run - asked.run + Math.max(leapSince(asked), 0) : Infinity;
    const [low, high] = [nowMs - arrived.run, nowMs - arrived.run + way];
    const wider = DRIFT * Math.max(arrived.run - this.#at.run, 0);
    const fits = low <= this.#high + wider + SLACK_MS && high >= this.#low - wider - SLACK_MS;
    if (this.#known && fits && !leapSince(this.#at)) {
      this.#low = Math.max(low, this.#low - wider);
      this.#high = Math.max(Math.min(high, this.#high + wider), this.#low);
    } else {
      this.#low = low;
      this.#high = high;
    }
    this.#known = true;
    // From when it was asked for: a leap on its way is a leap.
    this.#at = asked ?? arrived;
    this.#unanswered = false;
  }

  /** ms since 1970; never ahead of the server's by more than drift. */
  now(): number {
    return performance.now() + this.#low + (this.#unanswered ? Math.max(leapSince(this.#at), 0) : 0);
  }

  /** Whether the time is in doubt: no answer yet, or the device slept or its clock was set since the last one. */
  get doubtful(): boolean {
    return this.#high === Infinity || leapSince(this.#at) !== 0;
  }

  /** Asks, when the clock is in doubt, by `ask`, which resolves when an answer was learnt from. Until none comes, the device counts
   * as having been asleep. Looks each second, and at once when the page is seen again. */
  keepRight(ask: () => Promise<unknown>): void {
    let askedAt = -Infinity;
    const look = async () => {
      if (!this.doubtful || performance.now() - askedAt < ASK_AGAIN_MS) return;
      askedAt = performance.now();
      try {
        await ask();
        askedAt = -Infinity;
      } catch {
        this.#unanswered = true;
      }
    };
    setInterval(look, LOOK_EVERY_MS);
    for (const event of ["focus", "online", "pageshow"]) addEventListener(event, look);
    document.addEventListener("visibilitychange", look);
  }
}
