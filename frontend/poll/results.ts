/**
 * The result of a poll on a page, kept up to date: by the stream of its changes, and by polling, quickly while there is no
 * stream and rarely beside one. The server renders; this script writes numbers, and loads the page anew when more changes.
 */
import { all, one, write } from "../shared/dom";
import { keptAt } from "../shared/kept";
import { Poll, ServerClock } from "../shared/polling";
import { age, fill, localTimes, number, percent } from "../shared/words";

const STALE_AFTER_S = 10;
const BESIDE_STREAM_MS = 30_000;
const STREAM_AGAIN_AFTER_MS = 30_000;
// Were the page and the API ever to disagree, it would not be loaded without end.
const LIVES_AT_LEAST_MS = 2_000;
const ORDER = ["draft", "open", "closed"];

/** polls/shapes.py: results. Counts are null where they are hidden. */
interface View {
  version: number | null;
  status: string;
  hidden: boolean;
  ballots: number | null;
  choices: { number: number; count: number | null; percentage: number | null }[];
  root: string | null;
}

class Results {
  readonly #root: HTMLElement;
  readonly #poll: Poll;
  readonly #ticking: ReturnType<typeof setInterval>;
  #version: number;
  #stream: EventSource | null = null;
  #streamTriedAt = 0;
  #seenAt = Date.now();
  #trouble = false;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#version = Number(root.dataset.version) || 0;
    this.#poll = new Poll({
      url: root.dataset.results ?? "",
      everyMs: isOver(root) ? BESIDE_STREAM_MS : Number(root.dataset.pollMs),
      clock: new ServerClock(),
      onNews: async (answer) => {
        if (answer.status === 404) location.reload(); // deleted
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        this.#take((await answer.json()) as View);
      },
      onSeen: () => {
        this.#seen();
        this.#listen();
      },
      onTrouble: () => {
        this.#trouble = true;
        this.#tick();
      },
    });
    this.#ticking = setInterval(() => this.#tick(), 1000);
    // A button was pressed: its page is coming, and loading this one anew would get in its way.
    document.addEventListener("submit", (event) => event.defaultPrevented || this.stop());
    this.#listen();
  }

  stop(): void {
    this.#poll.stop();
    this.#stream?.close();
    clearInterval(this.#ticking);
  }

  /** Opens the stream, unless it is there or was tried a moment ago. */
  #listen(): void {
    const { stream: url, status } = this.#root.dataset;
    if (!url || status === "closed" || this.#stream || Date.now() - this.#streamTriedAt < STREAM_AGAIN_AFTER_MS) return;
    this.#streamTriedAt = Date.now();
    const stream = new EventSource(url);
    this.#stream = stream;
    stream.addEventListener("open", () => {
      this.#poll.everyMs = BESIDE_STREAM_MS;
      this.#seen();
    });
    stream.addEventListener("message", (message: MessageEvent<string>) => {
      this.#seen();
      this.#take(JSON.parse(message.data) as View);
    });
    stream.addEventListener("error", () => {
      stream.close();
      this.#stream = null;
      this.#poll.everyMs = Number(this.#root.dataset.pollMs);
      this.#poll.now();
    });
  }

  #take(view: View): void {
    if (view.version !== null && view.version < this.#version) return; // older than what is shown
    if (view.status === "closed") this.#stream?.close();
    const { status = "", hidden, root } = this.#root.dataset;
    // A hidden result has no version: there, only a step forward is surely news.
    const moved = view.version === null ? ORDER.indexOf(view.status) > ORDER.indexOf(status) : view.status !== status;
    if (moved || (view.hidden ? "1" : "0") !== hidden || (view.root ?? "") !== root) {
      this.stop();
      setTimeout(() => location.reload(), Math.max(LIVES_AT_LEAST_MS - performance.now(), 0));
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

  #seen(): void {
    this.#seenAt = Date.now();
    this.#trouble = false;
    this.#tick();
  }

  #tick(): void {
    const seconds = (Date.now() - this.#seenAt) / 1000;
    const allowed = STALE_AFTER_S + (2 * this.#poll.everyMs) / 1000;
    // A page from the phone's own store says so itself (shared/kept.ts).
    one("[data-offline]", this.#root).hidden = Boolean(keptAt()) || !(this.#trouble || seconds > allowed);
    const node = one("[data-age]", this.#root);
    write(node, fill(node.dataset.text ?? "", { age: age(seconds) }));
  }
}

let running: Results[] = [];

/** Closed, and its digest is there. */
const isOver = ({ dataset }: HTMLElement) => dataset.status === "closed" && Boolean(dataset.root);

/** Follows the results within `page`; one that is over only on a screen that is kept on, for a poll may be reset. */
export function follow(page: ParentNode = document): void {
  for (const before of running) before.stop();
  const roots = all("[data-results]", page);
  running = roots.filter((root) => !isOver(root) || "keepOn" in root.dataset).map((root) => new Results(root));
  localTimes(page);
}

follow();
