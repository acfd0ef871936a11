/**
 * A line's wall, updated by polling its public snapshot. The server renders the first state; this script updates numbers. It sends no
 * credentials, so that a host's browser gets the public view.
 */
import { started } from "../shared/begin";

import { all, json, one, write } from "../shared/dom";
import { freshness } from "../shared/freshness";
import { showHours } from "../shared/hours";
import { type Patterns, waitRange } from "../shared/labels";
import { HIDDEN_FACTOR, Poll } from "../shared/polling";
import { CalledCards } from "./cards";
import { wallClock } from "./clock";
import { calledCards } from "./layout";
import { CalledNames } from "./names";
import { type PublicLine, stateOf } from "./view";

const STALE_AFTER_MS = 8_000;

class LineWall {
  readonly #root = one("[data-line]");
  readonly #cards = new CalledCards(one("[data-called]"), one("[data-page]"), one("[data-announced]"));
  readonly #next = one("[data-next]");
  readonly #patterns = json<Patterns>("labels");
  readonly #poll: Poll;
  #line: PublicLine | undefined;
  readonly #names = new CalledNames(this.#root.dataset.names, one("[data-called]"));
  readonly #clock = wallClock(() => this.#showCalled());
  #version = Number(this.#root.dataset.version);

  constructor() {
    this.#poll = new Poll({
      url: this.#root.dataset.snapshot ?? "",
      options: { credentials: "omit" },
      everyMs: Number(this.#root.dataset.pollMs),
      onNews: async (answer) => {
        if (answer.status === 404) location.reload(); // deleted
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        const line = (await answer.json()) as PublicLine;
        await this.#names.ask();
        this.#take(line);
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
    if (this.#line ? line.version <= this.#version : line.version < this.#version) return;
    this.#version = line.version;
    // The server renders the code, and only on a host's screen.
    if (Boolean(line.hereOnly) !== "hereOnly" in this.#root.dataset) location.reload();
    this.#showState(stateOf(line));
    this.#showName(line.eventName ?? "");
    this.#showMessage(line.message?.text ?? "");
    showHours(line.hours);
    one("[data-none-called]").hidden = line.called.length > 0;
    const next = line.queue.slice(0, Number(this.#root.dataset.nextShown)).map(({ ticket }) => ticket);
    this.#next.replaceChildren(...next.map((ticket) => item(ticket)));
    one("[data-next-up]").hidden = next.length === 0;
    write(one("[data-waiting]"), line.queue.length);
    const noun = one("[data-one]");
    write(noun, (line.queue.length === 1 ? noun.dataset.one : noun.dataset.many) ?? "");
    write(one("[data-wait]"), waitRange(this.#patterns, line.joinLowMs, line.joinHighMs, line.joinUnknown));
    // Last: the rest of the page decides how much room is left.
    this.#line = line;
    this.#showCalled();
  }

  /** Also each second: a party is late without a new version. */
  #showCalled(): void {
    if (this.#line) this.#cards.show(calledCards(this.#line, this.#clock.now(), this.#names.known));
  }

  #showName(name: string): void {
    if (!name) return;
    write(one("h1 bdi"), name);
    one("h1").classList.toggle("long", name.length > 40); // as in wall/line.html
  }

  #showState(state: string): void {
    this.#root.dataset.state = state;
    for (const node of all("[data-in]")) node.hidden = !node.dataset.in?.split(" ").includes(state);
  }

  #showMessage(text: string): void {
    write(one("[data-message]"), text);
    one("[data-message]").hidden = !text;
  }
}

function item(ticket: number): HTMLElement {
  const node = document.createElement("li");
  node.textContent = String(ticket);
  return node;
}

new LineWall();
started();
