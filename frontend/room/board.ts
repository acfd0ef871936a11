/** Counts, graph and description. Ticks may come from polling or the socket; each second is kept once. */
import { elapsedSince, type Instant, instant, ServerClock } from "../shared/clock";
import { all, one, write } from "../shared/dom";
import { freshness } from "../shared/freshness";
import { fill } from "../shared/labels";
import { HIDDEN_FACTOR } from "../shared/polling";
import { timeOfDay } from "../shared/times";
import { balance, signed, type Tick } from "./ticks";
import { Worm } from "./worm";

const STALE_AFTER_MS = 8_000;
const ANNOUNCE_EVERY_MS = 20_000;

export class Board {
  readonly #clock: ServerClock;
  readonly #root: HTMLElement;
  readonly #worm: Worm;
  readonly #ticks: Tick[] = [];
  #announced: { at: Instant | null; words: string } = { at: null, words: "" };
  #high = -Infinity;
  #low = Infinity;
  /** When the last tick came. */
  newsAt: Instant | null = null;

  constructor(root: HTMLElement) {
    this.#root = root;
    for (const node of all("[data-script]", root)) node.hidden = false;
    this.#worm = new Worm(one<HTMLCanvasElement>("canvas", root));
    this.#clock = new ServerClock(Number(root.dataset.now));
    const zooms = all("[data-zoom]", root);
    for (const zoom of zooms) {
      zoom.addEventListener("click", () => {
        for (const each of zooms) each.setAttribute("aria-pressed", String(each === zoom));
        this.#worm.zoom(Number(zoom.dataset.zoom) || Infinity);
      });
    }
  }

  get api(): string {
    return this.#root.dataset.api ?? "";
  }

  get everyMs(): number {
    return Number(this.#root.dataset.pollMs);
  }

  /** The last second shown; 0 before the first. */
  get last(): number {
    return this.#ticks.at(-1)?.ts ?? 0;
  }

  /** The URL of the missing history: all of it, thinned for the graph, or what came after the last tick. */
  get history(): string {
    return `${this.api}/history?${this.last ? `since=${this.last}` : `points=${this.#root.dataset.points}`}`;
  }

  /** Shows ticks newer than the last. */
  add(ticks: readonly Tick[]): void {
    const before = this.last;
    for (const tick of ticks) {
      if (tick.ts <= this.last) continue;
      this.newsAt = instant();
      this.#ticks.push(tick);
      this.#high = Math.max(this.#high, balance(tick));
      this.#low = Math.min(this.#low, balance(tick));
    }
    const [first, now] = [this.#ticks[0], this.#ticks.at(-1)];
    if (!first || !now || now.ts <= before) return;
    this.#clock.learn(now.ts * 1000); // the server has counted that second
    freshness.seen(instant(), Math.max(this.#clock.now() - now.ts * 1000, 0));
    this.#show(first, now);
  }

  #show(first: Tick, now: Tick): void {
    this.#write("[data-yes]", now.votes.yes);
    this.#write("[data-no]", now.votes.no);
    this.#write("[data-balance]", signed(balance(now)));
    this.#write("[data-high]", signed(this.#high));
    this.#write("[data-low]", signed(this.#low));
    this.#write("[data-since]", timeOfDay(first.ts * 1000));
    one("[data-words]", this.#root).hidden = false;
    one("[data-worm]", this.#root).dataset.ticks = String(this.#ticks.length);
    this.#worm.draw(this.#ticks);
    this.#say(now.votes);
  }

  #write(selector: string, text: string | number): void {
    write(one(selector, this.#root), text);
  }

  /** For screen readers: announces the counts when they change, not each second. */
  #say(votes: Tick["votes"]): void {
    const node = one("[data-announced]", this.#root);
    const words = fill(node.dataset.pattern ?? "", votes);
    if (words === this.#announced.words || (this.#announced.at && elapsedSince(this.#announced.at) < ANNOUNCE_EVERY_MS))
      return;
    this.#announced = { at: instant(), words };
    node.textContent = words;
  }

  /** Shows the age of the last tick when it is old, until `freshness.end`. */
  keepAge(): void {
    freshness.follow({
      limitMs: () => STALE_AFTER_MS + 2 * this.everyMs * (document.hidden ? HIDDEN_FACTOR : 1),
    });
  }
}
