/**
 * What is not sent, and what was refused since its host looked away (B11): a count in the dock, which opens to a list, and a mark on
 * each row they are about.
 * The list itself is the server's and never shows as done what is only pressed.
 */
import { all, one, write } from "../shared/dom";
import type { HostAction } from "./actions";
import type { Outbox } from "./outbox";
import { inWords } from "./pressed";

// Sooner than that an action is being sent, as always.
const SHOWN_AFTER_MS = 1_000;

export class NotSent {
  readonly #root: HTMLElement;
  readonly #outbox: Outbox;
  readonly #seen = new Map<string, number>();
  #drawn = "";

  constructor(outbox: Outbox, root = one("[data-not-sent]")) {
    this.#outbox = outbox;
    this.#root = root;
    root.addEventListener("click", ({ target }) => {
      const drop = (target as HTMLElement).closest<HTMLElement>("[data-drop]");
      if (drop) void outbox.drop(drop.dataset.drop ?? "");
    });
    outbox.onChange(() => this.draw());
  }

  /** Pending for longer than a moment, or after a try that failed. */
  get late(): HostAction[] {
    const { pending } = this.#outbox;
    const now = performance.now();
    for (const { id } of pending) if (!this.#seen.has(id)) this.#seen.set(id, now);
    return pending.filter(({ id, next }) => next > 0 || now - (this.#seen.get(id) ?? now) >= SHOWN_AFTER_MS);
  }

  /** Draws line and list; also called each second, for what is late by then. */
  draw(): void {
    const { refused, ended, lasting } = this.#outbox;
    const { late } = this;
    const drawn = JSON.stringify([ended, ...[...late, ...refused].map(({ id, state }) => id + state)]);
    this.mark();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#root.hidden = late.length + refused.length === 0;
    const counts = [late.length && `${late.length} not sent`, refused.length && `${refused.length} not done`];
    write(one("[data-not-sent-count]", this.#root), counts.filter(Boolean).join(", "));
    write(one("[data-not-sent-line]", this.#root), lineOf(late.length, refused.length, ended, lasting));
    one("[data-not-sent-list]", this.#root).replaceChildren(...late.map(pendingItem), ...refused.map(refusedItem));
  }

  /** Marks the rows that are shown: "Seat: not sent". Called again when they are replaced. */
  mark(): void {
    const marks = new Map<string, string>();
    for (const { party, action } of this.#outbox.refused) if (party) marks.set(party, `${inWords(action)}: not done`);
    for (const { party, action } of this.late) if (party) marks.set(party, `${inWords(action)}: not sent`);
    for (const row of all("[data-party]")) {
      const words = marks.get(row.dataset.party ?? "") ?? "";
      const there = row.querySelector("[data-not-sent-mark]");
      if (!words) there?.remove();
      else if (there) write(there, words);
      else {
        const number = row.querySelector(".number"); // before all other marks, which a narrow row cuts
        if (number) number.after(" ", markOf(words));
        else row.append(markOf(words));
      }
    }
  }
}

function lineOf(late: number, refused: number, ended: string, lasting: boolean): string {
  const said = [];
  if (late) {
    said.push(late === 1 ? "1 action is not sent." : `${late} actions are not sent.`);
    if (ended) said.push(`${ended} ${late === 1 ? "It is" : "They are"} kept until this tablet is a host again.`);
    else
      said.push(
        late === 1 ? "It goes by itself when the network is back." : "They go in order when the network is back.",
      );
    if (!lasting) said.push("Leave this page open until then.");
  }
  if (refused) said.push(refused === 1 ? "1 action was not done." : `${refused} actions were not done.`);
  return said.join(" ");
}

function markOf(words: string): HTMLElement {
  const mark = document.createElement("span");
  mark.className = "tag tag-warn";
  mark.dataset.notSentMark = "";
  mark.textContent = words;
  return mark;
}

function item(words: string, button: string, id: string): HTMLElement {
  const entry = document.createElement("li");
  const said = document.createElement("span");
  said.textContent = words;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "button button-small";
  drop.dataset.drop = id;
  drop.textContent = button;
  entry.append(said, drop);
  return entry;
}

const pendingItem = ({ id, what }: HostAction) => item(`${what}: not sent.`, "Take back", id);
const refusedItem = ({ id, what, text = "" }: HostAction) => item(`${what}: ${text}`, "Dismiss", id);
