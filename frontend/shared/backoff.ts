/**
 * Waits between tries. They outlive a page, so they are stored as times of the device's clock, which may be wrong or change.
 */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const LONGEST_ASKED_MS = 3_600_000;
// Far below 2^31 ms, beyond which browsers' timers fire at once.
export const LONGEST_MS = LONGEST_ASKED_MS + LONGEST_WAIT_MS;

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
