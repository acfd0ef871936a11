/**
 * Keeps the result of a poll on a page up to date: by its event stream, when this page holds the browser's slot for one, and by
 * polling, fast without a stream and slow beside one. The server renders; this script updates numbers, and reloads the content
 * when more changes, such as a reset.
 */
import { started } from "../shared/begin";

import { all, one, write } from "../shared/dom";
import { copiedAt, freshness } from "../shared/freshness";
import { number, percent } from "../shared/labels";
import { Poll } from "../shared/polling";
import { StreamSlot } from "../shared/stream";
import { localTimes } from "../shared/times";

const STALE_AFTER_MS = 10_000;
const BESIDE_STREAM_MS = 30_000;
// Factor by which a closed poll, or a page without results, is polled slower: it may be reset.
const SLOWLY = 5;
const STREAM_AGAIN_AFTER_MS = 30_000;
// The least time between reloads, should page and API disagree.
const LIVES_AT_LEAST_MS = 2_000;
const ORDER = ["draft", "early", "open", "closed"];

/** polls/shapes.py: results. Counts are null where they are hidden. */
interface View {
  epoch?: number;
  version: number | null;
  status: string;
  hidden: boolean;
  ballots: number | null;
  choices: { number: number; count: number | null; percentage: number | null }[];
  root: string | null;
}

/** Reloads the page's content. Tried again after a rejection. */
export type Renew = () => void | Promise<void>;

/** Whether the poll has been started again since this element was made. */
const isNewRound = ({ epoch }: View, { dataset }: HTMLElement): boolean =>
  epoch !== undefined && dataset.epoch !== undefined && epoch > Number(dataset.epoch);

const slowMs = ({ dataset }: HTMLElement) => SLOWLY * Number(dataset.pollMs);

/** The view in an answer. Throws for any other answer. */
async function viewOf(answer: Response): Promise<View> {
  if (answer.status === 404) location.reload(); // deleted
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return (await answer.json()) as View;
}

/** What a stranger may see is asked for without cookies, so that caches may answer. */
const credentials = ({ dataset }: HTMLElement): RequestCredentials =>
  dataset.anonymous === undefined ? "same-origin" : "omit";

/** Polls only for a new round. */
class Round {
  readonly #poll: Poll;

  constructor(root: HTMLElement, renew: Renew) {
    this.#poll = new Poll({
      url: root.dataset.round ?? "",
      options: { credentials: credentials(root) },
      everyMs: slowMs(root),
      onNews: async (answer) => {
        if (isNewRound(await viewOf(answer), root)) await renew();
      },
    });
  }

  stop(): void {
    this.#poll.stop();
  }
}

class Results {
  readonly #root: HTMLElement;
  readonly #renew: Renew;
  readonly #slot: StreamSlot | undefined;
  readonly #madeAt = performance.now();
  readonly #poll: Poll;
  #version: number;
  #stream: EventSource | null = null;
  #streamTriedAt = -Infinity;
  #renewing = false;

  constructor(root: HTMLElement, renew: Renew) {
    this.#root = root;
    this.#renew = renew;
    this.#version = Number(root.dataset.version) || 0;
    this.#poll = new Poll({
      url: root.dataset.results ?? "",
      options: { credentials: credentials(root) },
      everyMs: this.#usualMs,
      onNews: async (answer) => {
        await this.#take(await viewOf(answer));
      },
      onSeen: (asked) => {
        freshness.seen(asked);
        this.#listen();
      },
      onTrouble: () => freshness.troubled(),
    });
    freshness.follow({ limitMs: () => STALE_AFTER_MS + 2 * this.#poll.everyMs });
    // A form is being submitted: a reload would cancel it.
    document.addEventListener("submit", (event) => event.defaultPrevented || this.stop());
    if (root.dataset.stream && root.dataset.status !== "closed")
      this.#slot = new StreamSlot(
        () => this.#listen(),
        () => this.#hangUp(),
      );
  }

  /** Asks at once: the page came without counts. */
  begin(): void {
    if (this.#root.dataset.hidden === "0" && !this.#root.dataset.version) this.#poll.now();
  }

  stop(): void {
    this.#poll.stop();
    this.#slot?.end();
  }

  /** Polling interval without a stream. */
  get #usualMs(): number {
    return isOver(this.#root) ? slowMs(this.#root) : Number(this.#root.dataset.pollMs);
  }

  #hangUp(): void {
    this.#stream?.close();
    this.#stream = null;
    this.#streamTriedAt = -Infinity;
    this.#poll.everyMs = this.#usualMs;
  }

  /** Opens the stream if this page holds the slot, unless it is open or was tried within STREAM_AGAIN_AFTER_MS. */
  #listen(): void {
    if (!this.#slot?.mine || this.#stream || performance.now() - this.#streamTriedAt < STREAM_AGAIN_AFTER_MS) return;
    this.#streamTriedAt = performance.now();
    const stream = new EventSource(this.#root.dataset.stream ?? "");
    this.#stream = stream;
    stream.addEventListener("open", () => {
      this.#poll.everyMs = BESIDE_STREAM_MS;
      freshness.seen();
    });
    stream.addEventListener("message", (message: MessageEvent<string>) => {
      freshness.seen();
      void this.#take(JSON.parse(message.data) as View).catch(() => this.#poll.now());
    });
    stream.addEventListener("error", () => {
      const tried = this.#streamTriedAt;
      this.#hangUp();
      this.#streamTriedAt = tried;
      this.#poll.now();
    });
  }

  async #take(view: View): Promise<void> {
    const { status = "", hidden, root, epoch } = this.#root.dataset;
    if (view.version !== null && view.version < this.#version) return; // older than the shown state
    if (view.epoch !== undefined && view.epoch < Number(epoch)) return;
    if (view.status === "closed") this.#stream?.close();
    // A hidden result has no version: only a later status is certainly newer.
    const moved = view.version === null ? ORDER.indexOf(view.status) > ORDER.indexOf(status) : view.status !== status;
    const other = moved || (view.hidden ? "1" : "0") !== hidden || (view.root ?? "") !== root;
    if (other || isNewRound(view, this.#root)) {
      // An offline copy reloads as soon as the server answers (shared/offline_copy.ts).
      if (copiedAt() || this.#renewing) return;
      this.#renewing = true;
      await new Promise((then) => setTimeout(then, LIVES_AT_LEAST_MS - (performance.now() - this.#madeAt)));
      try {
        if (this.#root.isConnected) await this.#renew();
      } catch (problem) {
        this.#renewing = false;
        throw problem;
      }
      return;
    }
    if (view.hidden || status === "draft") return;
    this.#version = view.version ?? 0;
    this.#write(view);
  }

  #write({ ballots, choices }: View): void {
    const cast = ballots ?? 0;
    const most = Math.max(...choices.map(({ count }) => count ?? 0));
    write(one("[data-ballots]", this.#root), number(cast));
    const noun = one("[data-one]", this.#root);
    write(noun, (cast === 1 ? noun.dataset.one : noun.dataset.many) ?? "");
    for (const { number: choice, count, percentage } of choices) {
      const row = this.#root.querySelector<HTMLElement>(`[data-choice="${choice}"]`);
      if (!row) continue;
      const picks = count ?? 0;
      const share = Math.round(percentage ?? 0);
      write(one("[data-percent]", row), percent(share));
      write(one("[data-count]", row), number(picks));
      row.querySelector(".bar-fill")?.setAttribute("width", String(share));
      row.classList.toggle("leads", most > 0 && picks === most);
    }
  }
}

let running: { stop(): void }[] = [];

/** Closed, with its digest. */
const isOver = ({ dataset }: HTMLElement) => dataset.status === "closed" && Boolean(dataset.root);

/** By URL: a reload of a page that answers a form would submit it again. */
const loadAgain = () => location.replace(location.pathname + location.search);

/** Follows the results that are shown within `page`; on a page without results only the poll's round. */
export function follow(page: ParentNode = document, renew: Renew = loadAgain): void {
  for (const before of running) before.stop();
  const shown = all("[data-results]", page).filter((root) => !root.closest("[hidden]"));
  const results = shown.map((root) => new Results(root, renew));
  for (const each of results) each.begin();
  running = results.length ? results : all("[data-round]", page).map((root) => new Round(root, renew));
  localTimes(page);
}

// The voting page calls `follow` itself (vote.ts).
if (!document.querySelector("[data-vote]")) {
  follow();
  started();
}
