/**
 * Changing the order of the waiting line: rows are dragged by their grip, or moved by the arrow keys on it. A moved row is marked
 * until the server has answered; what it says is shown, also when it is that somebody else was faster.
 */
import Sortable from "sortablejs";
import { all, one } from "../shared/dom";
import { rowOf } from "./board";

// The end of a drag may never be seen.
const LONGEST_DRAG_MS = 20_000;

export interface Move {
  party: string;
  /** The place it shall have, from 1; and the party that shall stand before it ("" for none). */
  place: number;
  behind: string;
}

/** Where a row goes by one arrow key, or null at the end of the line. `parties` are the ids in their order. */
export function step(parties: string[], party: string, by: -1 | 1): Move | null {
  const others = parties.filter((each) => each !== party);
  const index = parties.indexOf(party) + by;
  if (index < 0 || index > others.length) return null;
  return { party, place: index + 1, behind: others[index - 1] ?? "" };
}

export class Order {
  readonly #live: HTMLElement;
  readonly #send: (move: Move) => Promise<boolean>;
  readonly #say: (text: string) => void;
  #sortable: Sortable | undefined;
  #since: number | undefined;

  /** `send` resolves to whether the server did it; `say` speaks to those who do not see the row move. */
  constructor(live: HTMLElement, send: (move: Move) => Promise<boolean>, say: (text: string) => void) {
    this.#live = live;
    this.#send = send;
    this.#say = say;
    live.addEventListener("keydown", (event) => void this.#key(event));
  }

  /** Whether a row is being dragged; not longer than a drag may last. */
  get dragging(): boolean {
    return this.#since !== undefined && performance.now() - this.#since < LONGEST_DRAG_MS;
  }

  /** Ends a drag whose end was never seen; the row goes back to where it was when the list is shown anew. */
  cancel(): void {
    this.#since = undefined;
    this.#sortable?.destroy();
    this.#sortable = undefined;
  }

  /** Makes the list that is shown now movable. */
  arm(): void {
    this.cancel();
    const list = this.#live.querySelector<HTMLElement>(".waiting-list ol");
    if (!list) return;
    for (const grip of all("[data-grip]", list)) grip.hidden = false;
    this.#sortable = Sortable.create(list, {
      handle: "[data-grip]",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      forceFallback: true, // the browser's own dragging does not exist on touch screens
      fallbackTolerance: 4,
      onStart: () => {
        this.#since = performance.now();
      },
      onEnd: ({ item, oldIndex, newIndex }) => {
        this.#since = undefined;
        const before = item.previousElementSibling as HTMLElement | null;
        if (oldIndex === newIndex || newIndex === undefined) return;
        void this.#move({
          party: item.dataset.party ?? "",
          place: newIndex + 1,
          behind: before?.dataset.party ?? "",
        });
      },
    });
  }

  async #key(event: KeyboardEvent): Promise<void> {
    const grip = (event.target as HTMLElement).closest<HTMLElement>("[data-grip]");
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!grip || !by) return;
    event.preventDefault();
    const party = grip.closest<HTMLElement>("[data-party]")?.dataset.party ?? "";
    const parties = all(".waiting-list [data-party]", this.#live).map((row) => row.dataset.party ?? "");
    const move = step(parties, party, by);
    if (!move) this.#say(by < 0 ? "Already first in line." : "Already last in the list.");
    else if (!this.#live.querySelector(".is-moving")) await this.#move(move);
  }

  async #move(move: Move): Promise<void> {
    const row = rowOf(this.#live, move.party);
    row?.classList.add("is-moving");
    if (row) one("[data-moving]", row).hidden = false;
    const done = await this.#send(move);
    const what = rowOf(this.#live, move.party)?.dataset.what ?? "The party";
    if (done) this.#say(`${what} is now in place ${move.place}.`);
  }
}
