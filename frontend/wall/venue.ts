/** A venue's wall while no line is open, or several are: what each of them offers, and whom it calls. */

import { showWaiting } from "../guest/waiting";
import { started } from "../shared/begin";
import { json, one, write } from "../shared/dom";
import { freshness } from "../shared/freshness";
import type { Patterns } from "../shared/labels";
import { HIDDEN_FACTOR } from "../shared/polling";
import { type OpenLine, watchLines } from "../shared/venue_lines";
import { CalledCards } from "./cards";
import { wallClock } from "./clock";
import { CalledNames } from "./names";

const STALE_AFTER_MS = 15_000;
const WEIGHT = 8;
const MOST_WEIGHT = 24;
const patterns = json<Patterns>("labels");

/** One line's part of the wall. */
class LinePart {
  readonly #part: HTMLElement;
  readonly #cards: CalledCards;
  readonly #names: CalledNames;
  /** Whom the names are of. */
  #called = "";

  constructor(part: HTMLElement) {
    this.#part = part;
    const list = one("[data-called]", part);
    this.#cards = new CalledCards(list, one("[data-page]", part), one("[data-announced]", part));
    this.#names = new CalledNames(part.dataset.names, list);
  }

  async show(line: OpenLine): Promise<void> {
    const message = one("[data-message]", this.#part);
    write(message, line.message ?? "");
    message.hidden = !line.message;
    showWaiting(patterns, line, this.#part);
    const called = line.called.join();
    if (called !== this.#called && (await this.#names.ask())) this.#called = called;
    // The more a line calls, the more of the wall it has.
    this.#part.style.flexGrow = String(1 + Math.min(line.called.length, MOST_WEIGHT) / WEIGHT);
    const late = line.late ?? [];
    this.#cards.show(
      line.called.map((ticket) => ({ ticket, late: late.includes(ticket), name: this.#names.known.get(ticket) ?? "" })),
    );
  }
}

const parts = new Map<HTMLElement, LinePart>();
for (const part of document.querySelectorAll<HTMLElement>("[data-code]")) parts.set(part, new LinePart(part));

const poll = watchLines({
  show: async (line, part) => {
    if (Boolean(line.hereOnly) !== "hereOnly" in part.dataset) location.reload();
    await parts.get(part)?.show(line);
  },
  onSeen: (asked) => freshness.seen(asked),
  onTrouble: () => freshness.troubled(),
});
freshness.follow({ limitMs: () => STALE_AFTER_MS + 2 * poll.everyMs * (document.hidden ? HIDDEN_FACTOR : 1) });
wallClock();
started();
