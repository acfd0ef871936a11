/** A venue's wall while no line is open, or several are: what each of them offers, and whom it calls. */

import { showWaiting } from "../guest/waiting";
import { started } from "../shared/begin";
import { json, one } from "../shared/dom";
import { freshness } from "../shared/freshness";
import type { Patterns } from "../shared/labels";
import { HIDDEN_FACTOR } from "../shared/polling";
import { watchLines } from "../shared/venue_lines";

const STALE_AFTER_MS = 15_000;
const patterns = json<Patterns>("labels");

const poll = watchLines({
  show: (line, card) => {
    if (Boolean(line.hereOnly) !== "hereOnly" in card.dataset) location.reload();
    showWaiting(patterns, line, card);
    one("[data-called]", card).replaceChildren(...line.called.map(item));
  },
  onSeen: (asked) => freshness.seen(asked),
  onTrouble: () => freshness.troubled(),
});
freshness.follow({ limitMs: () => STALE_AFTER_MS + 2 * poll.everyMs * (document.hidden ? HIDDEN_FACTOR : 1) });
started();

function item(ticket: number): HTMLElement {
  const node = document.createElement("li");
  node.textContent = String(ticket);
  return node;
}
