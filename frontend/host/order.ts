/**
 * Changing the order of the waiting line: rows are dragged by their grip, or moved by the arrow keys on it. A moved row is marked
 * until the server has answered; the answer is shown, also a refusal because another host was faster.
 */
import Sortable from "sortablejs";
import { all, one } from "../shared/dom";
import { rowOf } from "./board";

// Ends a drag whose end was missed.
const LONGEST_DRAG_MS = 20_000;
// Events by which the library ends a drag: of a pointer, a mouse, a finger.
const DROPS = ["pointerup", "mouseup", "touchend"];

export interface Move {
  party: string;
  /** The new place, from 1; and the party right before it ("" for none). */
  place: number;
  behind: string;
}

/** The move that one arrow key makes; null at either end of the line. `parties`: the ids in order. */
export function step(parties: string[], party: string, by: -1 | 1): Move | null {
  const others = parties.filter((each) => each !== party);
  const index = parties.indexOf(party) + by;
  if (index < 0 || index > others.length) return null;
  return { party, place: index + 1, behind: others[index - 1] ?? "" };
}

/** Puts the rows back into the order that the server gave. */
export function restore(live: HTMLElement): void {
  const rows = all(".waiting-list [data-place]", live);
  rows.sort((one_, other) => Number(one_.dataset.place) - Number(other.dataset.place));
  live.querySelector(".waiting-list ol")?.append(...rows);
}

export class Order {
  readonly #live: HTMLElement;
  readonly #send: (move: Move) => Promise<boolean>;
  readonly #say: (text: string) => void;
  readonly #over: () => void;
  #sortable: Sortable | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: "still" | "dragging" | "given up" = "still";

  /**
   * `send` resolves to whether the server did it; `say` announces the move to screen readers; `over` is called after a drag was
   * given up.
   */
  constructor(
    live: HTMLElement,
    send: (move: Move) => Promise<boolean>,
    say: (text: string) => void,
    over: () => void,
  ) {
    this.#live = live;
    this.#send = send;
    this.#say = say;
    this.#over = over;
    live.addEventListener("keydown", (event) => void this.#key(event));
    // The page may miss the end of a drag: the button is released over another window or in another tab.
    addEventListener("blur", () => this.giveUp());
    document.addEventListener("visibilitychange", () => document.hidden && this.giveUp());
    addEventListener("pointermove", ({ buttons }) => buttons || this.giveUp(), { capture: true, passive: true });
    addEventListener("keydown", ({ key }) => key === "Escape" && this.giveUp(), { capture: true });
  }

  /** Whether a row is being dragged: a new list waits for its end. */
  get dragging(): boolean {
    return this.#state === "dragging";
  }

  /** Ends a drag without a move: nothing is sent, the row goes back to its place. */
  giveUp(): void {
    if (!this.dragging) return;
    this.#state = "given up";
    // Dropped rather than destroyed, so that the library removes all that it has added to the page.
    for (const drop of DROPS) document.dispatchEvent(new Event(drop));
    this.#state = "still";
    restore(this.#live);
    this.#over();
  }

  /** Makes the rows of the present list movable. */
  arm(): void {
    this.#sortable?.destroy();
    this.#sortable = undefined;
    const list = this.#live.querySelector<HTMLElement>(".waiting-list ol");
    if (!list) return;
    for (const grip of all("[data-grip]", list)) grip.hidden = false;
    this.#sortable = Sortable.create(list, {
      handle: "[data-grip]",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      forceFallback: true, // the browser's own dragging does not exist on touch screens
      fallbackTolerance: 4,
      onStart: () => {
        this.#state = "dragging";
        this.#timer = setTimeout(() => this.giveUp(), LONGEST_DRAG_MS);
      },
      onEnd: ({ item, oldIndex, newIndex }) => {
        clearTimeout(this.#timer);
        if (this.#state === "given up") return;
        this.#state = "still";
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
    const row = rowOf(move.party, this.#live);
    row?.classList.add("is-moving");
    if (row) one("[data-moving]", row).hidden = false;
    const done = await this.#send(move);
    const what = rowOf(move.party, this.#live)?.dataset.what ?? "The party";
    if (done) this.#say(`${what} is now in place ${move.place}.`);
  }
}
