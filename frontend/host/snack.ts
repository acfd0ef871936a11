/**
 * The snackbar: what was just done, with a button to undo it, or why it failed; for twelve seconds. Otherwise it shows the last
 * action.
 */
import { one, write } from "../shared/dom";

const SHOWN_MS = 12_000;
const NOTHING_DONE = "What you do is shown here, with Undo.";

export class Snack {
  readonly #root = one("[data-snack]");
  readonly #text = one("[data-snack-text]", this.#root);
  readonly #undo = one<HTMLFormElement>("[data-snack-undo]", this.#root);
  readonly #rest = one("[data-rest]");
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    one("[data-snack-away]", this.#root).addEventListener("click", () => this.away());
    // Stays while the pointer or focus is on it: the host may be about to press Undo.
    for (const event of ["focusin", "pointerenter"])
      this.#root.addEventListener(event, () => clearTimeout(this.#timer));
    for (const event of ["focusout", "pointerleave"]) this.#root.addEventListener(event, () => this.#later());
  }

  /** Shows the text. `version`: of the action that Undo reverts; without it there is no Undo. */
  say(text: string, { version, wrong = false }: { version?: string | undefined; wrong?: boolean } = {}): void {
    const words = document.createElement("p");
    words.textContent = text;
    if (wrong) words.setAttribute("role", "alert");
    this.#text.replaceChildren(words);
    this.#root.classList.toggle("snack-wrong", wrong);
    this.#root.classList.add("snack-shown");
    this.#undo.hidden = !version;
    one<HTMLInputElement>("[name=version]", this.#undo).value = version ?? "";
    this.#later();
  }

  /** Updates the newest action that can be undone: Undo of an older one is no longer offered. */
  newest(version: string | undefined, done?: string): void {
    write(this.#rest, done ? `Last done: ${done}.` : NOTHING_DONE);
    const { hidden } = this.#undo;
    if (!hidden && one<HTMLInputElement>("[name=version]", this.#undo).value !== version) this.#undo.hidden = true;
  }

  away(): void {
    clearTimeout(this.#timer);
    this.#root.classList.remove("snack-shown");
    this.#text.replaceChildren();
    this.#undo.hidden = true;
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.away(), SHOWN_MS);
  }
}
