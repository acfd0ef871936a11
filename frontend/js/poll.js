/**
 * Polls one address with its ETag: nearly every answer is a 304 without a body.
 *
 * Every `everyMs`, a fifth more or less so that phones do not fall into step; slower while the page is hidden; at once
 * when it is looked at again or the network returns; after failures ever later, up to a minute.
 */
const SLOWEST_MS = 60_000;
const HIDDEN_FACTOR = 6;
const TIMEOUT_MS = 8_000;
const NOT_AGAIN_WITHIN_MS = 500;

/** The server's clock as this device can know it: from the Date header, at the answer with the shortest way. */
export class ServerClock {
  #offset = 0;
  #error = Infinity;

  /** Sets the clock from a time the server wrote into the page. */
  constructor(nowMs) {
    if (nowMs) this.#offset = nowMs - Date.now();
  }

  /** Learns from an answer that was asked for at `sent` (this device's time, ms). */
  learn(answer, sent) {
    const date = Date.parse(answer.headers.get("date") ?? "");
    const error = Date.now() - sent + 1000; // the header counts whole seconds
    if (Number.isNaN(date) || error > this.#error) return;
    this.#error = error;
    this.#offset = date + 500 - (sent + Date.now()) / 2;
  }

  /** ms since 1970. */
  now() {
    return Date.now() + this.#offset;
  }
}

export class Poll {
  #etag = "";
  #failures = 0;
  #timer = 0;
  #asking = null;
  #stopped = false;
  #last = 0;

  /**
   * `onNews(answer)` gets every answer that is not a 304; `onSeen()` follows every success, `onTrouble()` every failure.
   * A rejection of `onNews` counts as a failure: the same news come again.
   */
  constructor({ url, options = {}, everyMs, clock, onNews, onSeen = () => {}, onTrouble = () => {} }) {
    Object.assign(this, { url, options, everyMs, clock, onNews, onSeen, onTrouble });
    for (const event of ["focus", "online"]) addEventListener(event, () => this.now());
    addEventListener("pageshow", (event) => event.persisted && this.now());
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
    addEventListener("offline", () => this.onTrouble());
    this.#later();
  }

  /** Asks at once, unless it just did. */
  now() {
    if (!this.#stopped && !this.#asking && Date.now() - this.#last > NOT_AGAIN_WITHIN_MS) this.#ask();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later() {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const usual = this.everyMs * (document.hidden ? HIDDEN_FACTOR : 1);
    const wait = Math.max(usual, Math.min(this.everyMs * 2 ** this.#failures, SLOWEST_MS));
    this.#timer = setTimeout(() => this.#ask(), wait * (0.8 + Math.random() * 0.4));
  }

  async #ask() {
    clearTimeout(this.#timer);
    const sent = (this.#last = Date.now());
    const abort = (this.#asking = new AbortController());
    const timeout = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const headers = { ...this.options.headers };
      if (this.#etag) headers["if-none-match"] = this.#etag;
      const answer = await fetch(this.url, { cache: "no-store", ...this.options, headers, signal: abort.signal });
      this.clock.learn(answer, sent);
      if (answer.status >= 500 || answer.status === 429) throw new Error(`status ${answer.status}`);
      if (answer.status !== 304) {
        await this.onNews(answer);
        this.#etag = answer.headers.get("etag") ?? "";
      }
      this.#failures = 0;
      this.onSeen();
    } catch {
      this.#failures += 1;
      this.onTrouble();
    } finally {
      clearTimeout(timeout);
      this.#asking = null;
      this.#later();
    }
  }
}
