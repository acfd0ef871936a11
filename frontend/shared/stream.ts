/**
 * The browser's one place for an event stream. Over HTTP/1.1 a browser has six connections to a server, for all its tabs: as many
 * streams would leave none for pages and votes. So whatever pages are open, one of those that are seen has a stream, and the
 * others poll; without locks (plain HTTP) all do.
 */
const PLACE = "tallyline-stream";

export class StreamPlace {
  readonly #taken: () => unknown;
  readonly #lost: () => void;
  #asking: AbortController | undefined;
  #leave: (() => void) | undefined;
  #ended = false;

  /** `taken`: the place is this page's, a stream may be opened; `lost`: the page is hidden, it must be closed. */
  constructor(taken: () => unknown, lost: () => void) {
    this.#taken = taken;
    this.#lost = lost;
    document.addEventListener("visibilitychange", this.#look);
    addEventListener("pagehide", this.#give);
    addEventListener("pageshow", this.#look);
    this.#look();
  }

  get mine(): boolean {
    return this.#leave !== undefined;
  }

  /** Gives the place to another page, for good. */
  end(): void {
    this.#ended = true;
    document.removeEventListener("visibilitychange", this.#look);
    removeEventListener("pagehide", this.#give);
    removeEventListener("pageshow", this.#look);
    this.#give();
  }

  readonly #look = (): void => {
    if (document.hidden) this.#give();
    else this.#ask();
  };

  readonly #give = (): void => {
    this.#asking?.abort();
    this.#asking = undefined;
    if (!this.#leave) return;
    this.#leave();
    this.#leave = undefined;
    this.#lost();
  };

  #ask(): void {
    if (this.#asking || this.#ended || !navigator.locks) return;
    const asking = new AbortController();
    this.#asking = asking;
    const hold = () =>
      new Promise<void>((leave) => {
        if (asking.signal.aborted) return leave();
        this.#leave = leave;
        this.#taken();
      });
    // Aborted, or refused by the browser: this page polls.
    navigator.locks.request(PLACE, { signal: asking.signal }, hold).catch(() => {});
  }
}
