/** The button that takes the last action back. It stands in one place, and says what it would undo. */
import { one, write } from "../shared/dom";

export class Undo {
  readonly #form = one<HTMLFormElement>("[data-undo-form]");
  readonly #button = one<HTMLButtonElement>("button", this.#form);
  readonly #words = one("[data-undo-words]", this.#form);
  #until = Number.POSITIVE_INFINITY;

  /** The newest action of the list, if one can be undone. */
  show({ dataset }: HTMLElement, now: number): void {
    const { undo, done, undoUntil } = dataset;
    one<HTMLInputElement>("[name=version]", this.#form).value = undo ?? "";
    this.#until = Number(undoUntil ?? Number.POSITIVE_INFINITY);
    this.#button.disabled = !undo || now >= this.#until;
    write(this.#words, undo ? `Undo: ${done}` : "Undo");
  }
}
