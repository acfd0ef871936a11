/**
 * The age of a page: one for all its parts, shown in one sentence ([data-freshness], templates/_freshness.html) and wherever the page
 * says "as of" ([data-fresh]); decision 0029.
 *
 * The age counts from the last answer about the line, poll or room; on an offline copy of a page (data-kept), from when that was
 * fetched, until a live part has had an answer.
 */
import { elapsedSince, type Instant, instant } from "./clock";
import { age, ago, briefAge, fill } from "./labels";

// How long the first answer may take after a page is shown again (ms).
const WAKING_MS = 3_000;
// A view that receives each change counts as live while nothing changes.
const LIVE_MS = 8_000;

/** When this page was fetched (ms since 1970, by this phone's clock), if it is such a copy. */
export const copiedAt = (): number => Number(document.documentElement.dataset.kept) || 0;

export interface Live {
  /** The age in ms from which the page says that there is no connection. */
  limitMs: () => number;
  /** The attribute of the sentence to show instead of the default one, e.g. `called`. */
  situation?: () => string;
}

export class Freshness {
  #asOf: Instant = instant();
  #live: Live | undefined;
  #trouble = false;
  #copy = false;
  #unknown = false;
  #shown: Instant = instant();
  #listeners: (() => void)[] = [];

  constructor() {
    if (copiedAt()) {
      const old = Date.now() - copiedAt();
      this.#copy = true;
      // The phone's clock was put back since.
      this.#unknown = old < 0;
      this.#asOf = { run: performance.now() - Math.max(old, 0), day: Date.now() - Math.max(old, 0) };
    }
    document.addEventListener("visibilitychange", () => {
      this.#shown = instant();
      this.tick();
    });
    for (const event of ["pageshow", "offline"]) addEventListener(event, () => this.tick());
    setInterval(() => this.tick(), 1000);
    this.tick();
  }

  /** Registers a live part of the page. */
  follow(live: Live): void {
    this.#live = live;
    this.tick();
  }

  /** Stops ageing: the shown state is final, e.g. a closed room. */
  end(): void {
    this.#live = undefined;
    this.#trouble = false;
    this.tick();
  }

  /** An answer confirmed the shown state, as of `oldMs` before `asked`. */
  seen(asked: Instant = instant(), oldMs = 0): void {
    this.#asOf = { run: asked.run - oldMs, day: asked.day - oldMs };
    this.#trouble = this.#copy = this.#unknown = false;
    for (const listener of this.#listeners) listener();
    this.tick();
  }

  /** No answer came. */
  troubled(): void {
    this.#trouble = true;
    this.tick();
  }

  /** Calls back whenever the server has answered. */
  onSeen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Whether the page is an offline copy without live news. */
  get copy(): boolean {
    return this.#copy;
  }

  get ageMs(): number {
    return Math.max(elapsedSince(this.#asOf), 0);
  }

  /** Whether the shown state is older than its limit. */
  get stale(): boolean {
    return this.#copy || (this.#live !== undefined && this.ageMs > this.#live.limitMs());
  }

  /** Whether the page says that there is no connection. */
  get offline(): boolean {
    if (this.#copy) return true;
    if (!this.#live) return false;
    return this.#trouble || (this.stale && elapsedSince(this.#shown) > WAKING_MS);
  }

  /** Updates the page; runs each second, and after a change. */
  tick(): void {
    const seconds = this.ageMs / 1000;
    const values = { age: age(seconds), ago: ago(seconds), brief: briefAge(seconds) };
    const sentence = document.querySelector<HTMLElement>("[data-freshness]");
    if (sentence) {
      const [state, old] = sentence.children as unknown as [HTMLElement, HTMLElement];
      const situation = this.#live?.situation?.() ?? "";
      put(state, state.dataset[situation] ?? state.dataset.lost ?? "");
      const usual = this.#unknown ? "unknown" : this.#copy ? "copy" : "lost";
      put(old, fill(old.dataset[situation] ?? old.dataset[usual] ?? "", values));
      sentence.hidden = !this.offline;
    }
    for (const node of document.querySelectorAll<HTMLElement>("[data-fresh]")) {
      const { live, text, unknown } = node.dataset;
      const atRest = live !== undefined && !this.#trouble && !this.#copy && this.ageMs < LIVE_MS;
      put(node, atRest ? live : fill((this.#unknown ? unknown : text) ?? "", values));
      node.classList.toggle("stale", this.stale || this.offline);
      node.hidden = false;
    }
  }
}

function put(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export const freshness = new Freshness();
