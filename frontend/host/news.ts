/** Follows the line, and fetches its rendered parts when it has a new version. They wait while a host holds what they replace. */
import { type Instant, instant, ServerClock } from "../shared/clock";
import { all, one, write } from "../shared/dom";
import { Follow } from "../shared/follow";
import { freshness } from "../shared/freshness";
import { unsentOf } from "../shared/send";
import type { Access } from "./access";
import { type Board, read, replace } from "./board";
import { isTyping } from "./typed";

export const PATIENCE_MS = 10_000;
const STALE_AFTER_MS = 12_000;
const MOST_SHOWN = 600; // as queues/pages/board.py
// With each version that is said again, some four seconds apart, while a call may still arrive; after a minute with every eighth, for
// the next way may be due minutes later.
const MOST_LOOKS = 15;
const RARELY = 8;
const NOT_ARRIVED = "[data-arrival]:not([data-arrival=arrived])";
const HEADERS = { "x-fragment": "1" };
const CLOSED_NOW = "The line was closed elsewhere. What you typed is still here; clear it to go on.";
const OPEN_NOW = "The line was opened again elsewhere. What you typed is still here; clear it to go on.";

interface Hooks {
  /** Whether the host holds a row or a button: replacing a pressed button would cancel its click. */
  isHeld: () => boolean;
  /** Before new parts are shown, and after. */
  prepare: (next: Board) => void;
  shown: (list: HTMLElement) => void;
  wrong: (text: string) => void;
  access: Access;
}

export class News {
  readonly #root: HTMLElement;
  readonly #hooks: Hooks;
  /** Headers that prove this host. */
  readonly proof: Record<string, string>;
  /** The list that came with the page: whether the line was closed, whether its venue had tables. */
  readonly #was: DOMStringMap;
  readonly clock: ServerClock;
  #waiting: Board | undefined; // what arrived during a drag or a press
  #refused = false; // the server answers, but not with the list
  #looks = 0; // at the same version
  #outgrown = false; // the page beside the list is for another state of the line

  constructor(root: HTMLElement, hooks: Hooks) {
    this.#root = root;
    this.#hooks = hooks;
    this.proof = { "x-host-auth": root.dataset.hostAuth ?? "" };
    this.#was = this.list.dataset;
    this.clock = new ServerClock(Number(this.list.dataset.now));
  }

  /** The list that is shown; `newest` may still wait to be shown. */
  get list(): HTMLElement {
    return one(".list");
  }

  get newest(): HTMLElement {
    return this.#waiting?.list ?? this.list;
  }

  follow(): void {
    const { code, pollMs } = this.#root.dataset;
    new Follow({
      url: `/api/queue/${code}/versions`,
      poll: {
        url: `/api/queue/${code}/console`,
        // HEAD tells whether there is a new version; the list itself is fetched rendered.
        options: { method: "HEAD", headers: this.proof, credentials: "omit" },
        everyMs: Number(pollMs),
        onNews: async (answer) => {
          // The token has ended: fetches a new one, or shows what to do. Typed text stays.
          if (answer.status === 401 || answer.status === 403) await this.renewProof();
          else if (!answer.ok) throw new Error(`status ${answer.status}`);
          await this.refresh();
        },
        onSeen: (asked) => this.#seen(asked),
        onTrouble: () => freshness.troubled(),
      },
      onVersion: (newest) => {
        if (newest > this.#version()) {
          this.#looks = 0;
          this.look();
          return;
        }
        this.#seen();
        // What becomes of a call is no change of the line.
        if (!one(".called-list").querySelector(NOT_ARRIVED)) return;
        if (++this.#looks <= MOST_LOOKS || this.#looks % RARELY === 0) this.look();
      },
      onWay: (way) => {
        this.#root.dataset.way = way;
      },
    });
    freshness.follow({
      limitMs: () => STALE_AFTER_MS,
      situation: () => (this.#refused ? "refused" : this.#waiting ? "held" : ""),
    });
    this.clock.keepRight(() => this.refresh());
    // Browsers stop timers and connections of hidden pages.
    for (const event of ["visibilitychange", "resume"])
      document.addEventListener(event, () => document.hidden || this.look());
    addEventListener("pageshow", (event) => event.persisted && this.look());
  }

  /** Refreshes at once. */
  look(): void {
    this.refresh().catch(() => freshness.troubled());
  }

  async refresh(): Promise<void> {
    const asked = instant();
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const url = this.#root.dataset.list + location.search;
    const answer = await fetch(url, { headers: HEADERS, cache: "no-store", signal });
    const unsent = await unsentOf(answer);
    if (unsent) this.#hooks.access.ended(unsent);
    const next = answer.ok ? read(await answer.text()).board : null;
    this.#refused = !next;
    if (!next) throw new Error(`no list: status ${answer.status}`);
    this.#hooks.access.back();
    this.clock.learn(Number(next.list.dataset.now), asked);
    this.take(next);
    this.#seen(asked);
  }

  /** Asks for all parties, if the list does not show them yet: a host who looks for one looks among all. */
  showAll(): void {
    if (all(".waiting-list [data-party]").length >= Number(this.newest.dataset.number)) return;
    if (new URLSearchParams(location.search).get("show") === String(MOST_SHOWN)) return;
    history.replaceState(history.state, "", `?show=${MOST_SHOWN}`);
    this.look();
  }

  /** Shows newly rendered parts, unless newer ones are shown; or later, while the host holds something. */
  take(next: Board): void {
    const { dataset } = next.list;
    if (Number(dataset.version) < this.#version()) return;
    // The tools depend on this, and they are outside the parts.
    const isClosed = dataset.closed !== this.#was.closed;
    if ((isClosed || dataset.hasTables !== this.#was.hasTables) && !this.#outgrown) {
      this.#outgrown = true;
      if (isClosed && isTyping()) this.#hooks.wrong(dataset.closed === "1" ? CLOSED_NOW : OPEN_NOW);
    }
    this.#waiting = next;
    this.show();
  }

  show(): void {
    if (!this.#waiting || this.#hooks.isHeld()) return;
    const next = this.#waiting;
    this.#waiting = undefined;
    this.#hooks.prepare(next);
    replace(next);
    const { full, paused, name = "" } = next.list.dataset;
    write(one("[data-line-name]"), name);
    for (const button of all("[data-over-capacity]")) button.hidden = full !== "1";
    for (const form of all("[data-when]")) form.hidden = (form.dataset.when === "paused") !== (paused === "1");
    this.#hooks.shown(next.list);
  }

  /** Once a second. */
  tick(): void {
    this.show();
    document.body.classList.toggle("is-stale", freshness.offline);
    if (this.#outgrown && !isTyping() && !this.#hooks.isHeld()) location.reload();
  }

  #version(): number {
    return Number(this.newest.dataset.version);
  }

  /** The server has confirmed that the shown list is the newest. */
  #seen(asked?: Instant): void {
    if (!this.#waiting && !this.#refused) freshness.seen(asked);
  }

  /** The page's host token has ended: takes a new one from the page, fetched again. */
  async renewProof(): Promise<void> {
    const page = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const parsed = new DOMParser().parseFromString(await page.text(), "text/html");
    const fresh = parsed.querySelector<HTMLElement>("[data-console]")?.dataset.hostAuth;
    if (fresh) this.proof["x-host-auth"] = fresh;
  }
}
