/**
 * How old what a page shows is: one truth for all its parts, said in one sentence ([data-freshness], templates/_freshness.html) and
 * wherever the page says "as of" ([data-fresh]). Docs: decisions/0029.
 *
 * What is shown is as of the last answer that said so: of the line, the poll, the room, or, on the phone's own copy of a page (the
 * service worker's, data-kept), as of when that was fetched. A live part that has had an answer ends what the copy says of itself.
 */
import { elapsedSince, type Instant, instant } from "./clock";
import { age, ago, briefAge, fill } from "./words";

// How long the first answer may take after a page is shown again (ms).
const WAKING_MS = 3_000;
// At rest a view that is told of each change counts as live.
const LIVE_MS = 8_000;

/** When this page was fetched (ms since 1970, by this phone's clock), if it is such a copy. */
export const keptAt = (): number => Number(document.documentElement.dataset.kept) || 0;

export interface Live {
  /** So old it may become, ms, before the page says that there is no connection. */
  limitMs: () => number;
  /** Names what is to be said instead of the usual: an attribute of the sentence, e.g. `called`. */
  situation?: () => string;
}

export class Freshness {
  #as: Instant = instant();
  #live: Live | undefined;
  #trouble = false;
  #copy = false;
  #unknown = false;
  #shown: Instant = instant();
  #told: (() => void)[] = [];

  constructor() {
    if (keptAt()) {
      const old = Date.now() - keptAt();
      this.#copy = true;
      // The phone's clock was put back since.
      this.#unknown = old < 0;
      this.#as = { run: performance.now() - Math.max(old, 0), day: Date.now() - Math.max(old, 0) };
    }
    document.addEventListener("visibilitychange", () => {
      this.#shown = instant();
      this.tick();
    });
    for (const event of ["pageshow", "offline"]) addEventListener(event, () => this.tick());
    setInterval(() => this.tick(), 1000);
    this.tick();
  }

  /** This page has a part that is kept up to date. */
  follow(live: Live): void {
    this.#live = live;
    this.tick();
  }

  /** What is shown ages no more: it is the end, e.g. of a room. */
  end(): void {
    this.#live = undefined;
    this.#trouble = false;
    this.tick();
  }

  /** The server has said that what is shown is so, `oldMs` before `asked`. */
  seen(asked: Instant = instant(), oldMs = 0): void {
    this.#as = { run: asked.run - oldMs, day: asked.day - oldMs };
    this.#trouble = this.#copy = this.#unknown = false;
    for (const tell of this.#told) tell();
    this.tick();
  }

  /** No answer came. */
  troubled(): void {
    this.#trouble = true;
    this.tick();
  }

  /** Calls back whenever the server has answered. */
  onSeen(tell: () => void): void {
    this.#told.push(tell);
  }

  /** Whether all that is shown is the phone's own copy of the page. */
  get copy(): boolean {
    return this.#copy;
  }

  get ageMs(): number {
    return Math.max(elapsedSince(this.#as), 0);
  }

  /** Whether what is shown is older than it may be. */
  get stale(): boolean {
    return this.#copy || (this.#live !== undefined && this.ageMs > this.#live.limitMs());
  }

  /** Whether the page says that there is no connection. */
  get offline(): boolean {
    if (this.#copy) return true;
    if (!this.#live) return false;
    return this.#trouble || (this.stale && elapsedSince(this.#shown) > WAKING_MS);
  }

  /** Writes it; each second, and when something has changed. */
  tick(): void {
    const seconds = this.ageMs / 1000;
    const values = { age: age(seconds), ago: ago(seconds), brief: briefAge(seconds) };
    const sentence = document.querySelector<HTMLElement>("[data-freshness]");
    if (sentence) {
      const [said, old] = sentence.children as unknown as [HTMLElement, HTMLElement];
      const situation = this.#live?.situation?.() ?? "";
      put(said, said.dataset[situation] ?? said.dataset.lost ?? "");
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
