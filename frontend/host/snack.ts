/** What was just done, or why not: said in its own place in the dock, for twelve seconds. */
import { one } from "../shared/dom";

const SHOWN_MS = 12_000;

export class Snack {
  readonly #root = one("[data-snack]");
  readonly #text = one("[data-snack-text]", this.#root);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    one("[data-snack-away]", this.#root).addEventListener("click", () => this.away());
    // Stays while the pointer or focus is on it: the host may be reading.
    for (const event of ["focusin", "pointerenter"])
      this.#root.addEventListener(event, () => clearTimeout(this.#timer));
    for (const event of ["focusout", "pointerleave"]) this.#root.addEventListener(event, () => this.#later());
  }

  say(text: string, { wrong = false }: { wrong?: boolean } = {}): void {
    const words = document.createElement("p");
    words.textContent = text;
    if (wrong) words.setAttribute("role", "alert");
    this.#text.replaceChildren(words);
    this.#root.classList.toggle("snack-wrong", wrong);
    this.#root.classList.add("snack-shown");
    this.#later();
  }

  away(): void {
    clearTimeout(this.#timer);
    this.#root.classList.remove("snack-shown");
    this.#text.replaceChildren();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.away(), SHOWN_MS);
  }
}
