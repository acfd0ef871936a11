/**
 * Polls one URL with its ETag: nearly every answer is a 304 without a body.
 *
 * Every `everyMs`, with 20 % jitter; slower while the page is hidden; at once when it becomes visible or the network returns; with
 * backoff after failures, up to a minute.
 */
import { type Instant, instant } from "./clock";

const SLOWEST_MS = 60_000;
/** Factor by which a hidden page polls slower. */
export const HIDDEN_FACTOR = 6;
const TIMEOUT_MS = 8_000;
const NOT_AGAIN_WITHIN_MS = 500;

export interface PollOptions {
  url: string;
  options?: RequestInit & { headers?: Record<string, string> };
  everyMs: number;
  /** Called with every answer but 304, and its request time. A rejection counts as a failure: the answer is requested again. */
  onNews: (answer: Response, asked: Instant) => void | Promise<void>;
  /** Called after every success with the request time. */
  onSeen?: (asked: Instant) => void;
  /** Called after every failure. */
  onTrouble?: () => void;
}

export class Poll {
  url: string;
  everyMs: number;
  readonly #given: PollOptions;
  #etag = "";
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  // Told to poll at once while it polled.
  #again = false;
  #stopped = false;
  // By the monotonic clock (performance.now).
  #last = -Infinity;

  constructor(given: PollOptions) {
    this.#given = given;
    this.url = given.url;
    this.everyMs = given.everyMs;
    for (const event of ["focus", "online"]) addEventListener(event, () => this.now());
    addEventListener("pageshow", (event) => event.persisted && this.now());
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
    addEventListener("offline", () => given.onTrouble?.());
    this.#later();
  }

  /**
   * Polls at once, unless the last poll just succeeded. If it just failed, polls again soon; if one is under way and fails, polls
   * again at once, because the network may be back since that one began.
   */
  now(): void {
    if (this.#stopped) return;
    if (this.#asking) this.#again = true;
    else if (performance.now() - this.#last > NOT_AGAIN_WITHIN_MS) void this.#ask();
    else if (this.#failures) this.#later(NOT_AGAIN_WITHIN_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(ms = this.#usualMs): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#ask(), ms);
  }

  get #usualMs(): number {
    const usual = this.everyMs * (document.hidden ? HIDDEN_FACTOR : 1);
    const wait = Math.max(usual, Math.min(this.everyMs * 2 ** this.#failures, SLOWEST_MS));
    return wait * (0.8 + Math.random() * 0.4);
  }

  async #ask(): Promise<void> {
    const { options = {}, onNews, onSeen, onTrouble } = this.#given;
    clearTimeout(this.#timer);
    const asked = instant();
    this.#last = asked.run;
    this.#asking = true;
    try {
      const headers: Record<string, string> = { ...options.headers };
      if (this.#etag) headers["if-none-match"] = this.#etag;
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(this.url, { cache: "no-store", ...options, headers, signal });
      if (answer.status >= 500 || answer.status === 429) throw new Error(`status ${answer.status}`);
      if (answer.status !== 304) {
        await onNews(answer, asked);
        this.#etag = answer.headers.get("etag") ?? "";
      }
      this.#failures = 0;
      onSeen?.(asked);
    } catch {
      this.#failures += 1;
      onTrouble?.();
    } finally {
      this.#asking = false;
      this.#later(this.#again && this.#failures ? NOT_AGAIN_WITHIN_MS : undefined);
      this.#again = false;
    }
  }
}
