/**
 * A live room on a page: counts and graph, kept up to date by polling. A voter's page is fed by its socket in place of that
 * (roomvote.js).
 */
import { Poll, ServerClock } from "../shared/polling";
import { localTimes } from "../shared/words";
import { Worm, balance, signed } from "./worm.js";

const STALE_AFTER_S = 8;
const SAID_EVERY_MS = 20_000;
const QUIET_MS = 3_000;
const PEOPLE_EVERY_MS = 5_000;

export const page = document.querySelector("[data-room]");

/** Counts, graph and its words. Ticks come from wherever; each second is kept once. */
class Board {
  #root;
  #worm;
  #said = { at: 0, words: "" };
  ticks = [];
  high = null;
  low = null;
  newsAt = 0;

  constructor(root) {
    this.#root = root;
    for (const node of root.querySelectorAll("[data-script]")) node.hidden = false;
    this.#worm = new Worm(root.querySelector("canvas"));
    this.clock = new ServerClock(Number(root.dataset.now));
  }

  get api() {
    return this.#root.dataset.api;
  }

  get everyMs() {
    return Number(this.#root.dataset.pollMs);
  }

  /** The last second shown. */
  get last() {
    return this.ticks.at(-1)?.ts ?? 0;
  }

  /** Shows ticks newer than the last. */
  add(ticks) {
    const fresh = ticks.filter(({ ts }) => ts > this.last);
    if (!fresh.length) return;
    this.newsAt = Date.now();
    this.ticks.push(...fresh);
    for (const tick of fresh) {
      if (!this.high || balance(tick) > balance(this.high)) this.high = tick;
      if (!this.low || balance(tick) < balance(this.low)) this.low = tick;
    }
    this.#show(this.ticks.at(-1));
  }

  #show(now) {
    const { yes, no } = now.votes;
    this.#write("[data-yes]", yes);
    this.#write("[data-no]", no);
    this.#write("[data-balance]", signed(balance(now)));
    this.#write("[data-high]", signed(balance(this.high)));
    this.#write("[data-low]", signed(balance(this.low)));
    this.#write("[data-since]", timeOfDay(this.ticks[0].ts));
    this.#root.querySelector("[data-words]").hidden = false;
    this.#root.querySelector("[data-worm]").dataset.ticks = this.ticks.length;
    this.#worm.draw(this.ticks);
    this.#say({ yes, no });
  }

  #write(selector, text) {
    const node = this.#root.querySelector(selector);
    if (node.textContent !== String(text)) node.textContent = text;
  }

  /** For whoever listens: the counts, when they have changed, and not each second. */
  #say(votes) {
    const node = this.#root.querySelector("[data-said]");
    const words = node.dataset.pattern.replace(/\{(\w+)\}/g, (_, name) => votes[name]);
    if (words === this.#said.words || Date.now() - this.#said.at < SAID_EVERY_MS) return;
    this.#said = { at: Date.now(), words };
    node.textContent = words;
  }

  /** Says how old the news of an open room are, when they are. */
  age(trouble, isOpen) {
    const seconds = this.last && isOpen ? Math.max(this.clock.now() / 1000 - this.last, 0) : 0;
    const allowed = STALE_AFTER_S + (2 * this.everyMs * (document.hidden ? 6 : 1)) / 1000;
    this.#root.querySelector("[data-offline]").hidden = !(trouble || seconds > allowed);
    this.#write("[data-age]", seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);
  }
}

const timeOfDay = (ts) =>
  new Date(ts * 1000).toLocaleTimeString(document.documentElement.lang || undefined, { hour: "numeric", minute: "2-digit" });

/** Shows what only an open, or a closed, room has. */
export function close() {
  page.dataset.status = "closed";
  for (const node of page.querySelectorAll("[data-open]")) node.hidden = true;
  for (const node of page.querySelectorAll("[data-closed]")) node.hidden = false;
}

/** Polls what is new of the history: each second, or until a closed room's is there. */
export function follow() {
  const history = `${board.api}/history`;
  let trouble = false;
  let askedAt = 0;
  const isOpen = () => page.dataset.status === "open";
  const poll = new Poll({
    url: history,
    options: { credentials: "omit" },
    everyMs: board.everyMs,
    clock: board.clock,
    onNews: async (answer) => {
      if (answer.status === 404) location.reload(); // deleted
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      board.add((await answer.json()).data);
      poll.url = `${history}?since=${board.last}`;
    },
    onSeen: () => {
      trouble = false;
      if (!isOpen()) poll.stop();
      else if (Date.now() - Math.max(board.newsAt, askedAt) > QUIET_MS) {
        askedAt = Date.now();
        closeIfClosed();
      }
    },
    onTrouble: () => {
      trouble = true;
    },
  });
  poll.now();
  setInterval(() => board.age(trouble, isOpen()), 1000);
}

/** A room whose seconds have stopped may be closed. */
async function closeIfClosed() {
  try {
    const answer = await fetch(board.api, { credentials: "omit", cache: "no-store" });
    if (answer.ok && (await answer.json()).status === "closed") close();
  } catch {
    // Asked again soon.
  }
}

/** How many people are in the room, for its host. */
function countPeople() {
  const node = page.querySelector("[data-people]");
  if (!node) return;
  const poll = new Poll({
    url: page.dataset.peopleUrl,
    everyMs: PEOPLE_EVERY_MS,
    clock: board.clock,
    onNews: async (answer) => {
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      node.textContent = (await answer.json()).people ?? "–";
      if (page.dataset.status !== "open") poll.stop();
    },
  });
}

export const board = new Board(page.querySelector("[data-live]"));
if (!page.querySelector("[data-vote]")) follow();
countPeople();
localTimes();
