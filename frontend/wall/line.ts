/**
 * A line's wall, kept up to date by polling its public snapshot. The server has rendered the first state; this script writes
 * numbers. It shows no credentials: a host's own browser gets what everybody gets.
 */
import { all, json, one, write } from "../shared/dom";
import { freshness } from "../shared/freshness";
import { HIDDEN_FACTOR, Poll } from "../shared/polling";
import { type Patterns, waitRange } from "../shared/words";
import { calledTickets, newOnes, type PublicLine, stateOf } from "./view";

const STALE_AFTER_MS = 8_000;
const NEW_FOR_MS = 8_000;

class LineWall {
  readonly #root = one("[data-line]");
  readonly #called = one("[data-called]");
  readonly #next = one("[data-next]");
  readonly #patterns = json<Patterns>("words");
  readonly #poll: Poll;
  #version = Number(this.#root.dataset.version);

  constructor() {
    this.#poll = new Poll({
      url: this.#root.dataset.snapshot ?? "",
      options: { credentials: "omit" },
      everyMs: Number(this.#root.dataset.pollMs),
      onNews: async (answer) => {
        if (answer.status === 404) location.reload(); // deleted
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        this.#take((await answer.json()) as PublicLine);
      },
      onSeen: (asked) => freshness.seen(asked),
      onTrouble: () => freshness.troubled(),
    });
    freshness.follow({
      limitMs: () => STALE_AFTER_MS + 2 * this.#poll.everyMs * (document.hidden ? HIDDEN_FACTOR : 1),
    });
    this.#poll.now();
  }

  #take(line: PublicLine): void {
    if (line.version <= this.#version) return;
    this.#version = line.version;
    this.#showState(stateOf(line));
    this.#showCalled(calledTickets(line, Number(this.#root.dataset.calledShown)));
    const next = line.queue.slice(0, Number(this.#root.dataset.nextShown)).map(({ ticket }) => ticket);
    this.#next.replaceChildren(...next.map((ticket) => item(ticket)));
    one("[data-next-up]").hidden = next.length === 0;
    write(one("[data-waiting]"), line.queue.length);
    const noun = one("[data-one]");
    write(noun, (line.queue.length === 1 ? noun.dataset.one : noun.dataset.many) ?? "");
    write(one("[data-wait]"), waitRange(this.#patterns, line.joinLowMs, line.joinHighMs));
  }

  #showState(state: string): void {
    this.#root.dataset.state = state;
    for (const node of all("[data-in]")) node.hidden = !node.dataset.in?.split(" ").includes(state);
  }

  /** Cards that stay are left alone, so that only a new one is seen to come, and is read out. */
  #showCalled(tickets: readonly number[]): void {
    const cards = all("[data-ticket]", this.#called);
    const fresh = newOnes(
      tickets,
      cards.map((card) => Number(card.dataset.ticket)),
    );
    for (const card of cards) if (!tickets.includes(Number(card.dataset.ticket))) card.remove();
    for (const ticket of fresh.reverse()) {
      const card = item(ticket);
      card.dataset.ticket = String(ticket);
      card.className = "ticket-card is-new";
      setTimeout(() => card.classList.remove("is-new"), NEW_FOR_MS);
      this.#called.prepend(card);
    }
    one("[data-nobody]").hidden = tickets.length > 0;
  }
}

function item(ticket: number): HTMLElement {
  const node = document.createElement("li");
  node.textContent = String(ticket);
  return node;
}

new LineWall();
