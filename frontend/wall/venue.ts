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
import { type Names, namesOf } from "./names";

const STALE_AFTER_MS = 15_000;
const WEIGHT = 8;
const MOST_WEIGHT = 24;
const patterns = json<Patterns>("labels");

/** One line's part of the wall. */
class LinePart {
  readonly #part: HTMLElement;
  readonly #cards: CalledCards;
  #names: Names = new Map();
  #called = "";

  constructor(part: HTMLElement) {
    this.#part = part;
    this.#cards = new CalledCards(one("[data-called]", part), one("[data-page]", part), one("[data-announced]", part));
  }

  async show(line: OpenLine): Promise<void> {
    const message = one("[data-message]", this.#part);
    write(message, line.message ?? "");
    message.hidden = !line.message;
    showWaiting(patterns, line, this.#part);
    const called = line.called.join();
    // A call may wait for its name, but not the wall for names that do not come.
    if (called !== this.#called) this.#names = await namesOf(this.#part.dataset.names).catch(() => this.#names);
    this.#called = called;
    // The more a line calls, the more of the wall it has.
    this.#part.style.flexGrow = String(1 + Math.min(line.called.length, MOST_WEIGHT) / WEIGHT);
    const late = line.late ?? [];
    this.#cards.show(
      line.called.map((ticket) => ({ ticket, late: late.includes(ticket), name: this.#names.get(ticket) ?? "" })),
    );
  }
}

const parts = new Map<HTMLElement, LinePart>();
for (const part of document.querySelectorAll<HTMLElement>("[data-code]")) parts.set(part, new LinePart(part));

const poll = watchLines({
  show: (line, part) => {
    if (Boolean(line.hereOnly) !== "hereOnly" in part.dataset) location.reload();
    void parts.get(part)?.show(line);
  },
  onSeen: (asked) => freshness.seen(asked),
  onTrouble: () => freshness.troubled(),
});
freshness.follow({ limitMs: () => STALE_AFTER_MS + 2 * poll.everyMs * (document.hidden ? HIDDEN_FACTOR : 1) });
wallClock();
started();
