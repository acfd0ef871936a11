/**
 * The browser's one slot for an event stream. Over HTTP/1.1 all tabs share six connections to a server: six streams would leave none
 * for pages and votes. So one visible page has a stream and the others poll; without Web Locks (plain HTTP) all poll.
 */
const LOCK = "tallyline-stream";

export class StreamSlot {
  readonly #taken: () => unknown;
  readonly #lost: () => void;
  #asking: AbortController | undefined;
  #leave: (() => void) | undefined;
  #ended = false;

  /** `taken`: this page holds the slot and may open a stream; `lost`: the page is hidden and must close it. */
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

  /** Releases the slot for good. */
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
    navigator.locks.request(LOCK, { signal: asking.signal }, hold).catch(() => {});
  }
}
