/** The button that takes an action back, in one place, saying which; and the list of all that can be taken back. */
import { all, one, write } from "../shared/dom";
import { ago } from "./clocks";

export class Undo {
  readonly #form = one<HTMLFormElement>("[data-undo-form]");
  readonly #button = one<HTMLButtonElement>("button", this.#form);
  readonly #words = one("[data-undo-words]", this.#form);

  /** What the list of parties says can be undone, as of `now`. */
  show({ dataset }: HTMLElement, now: number): void {
    const { undo, done, undoUntil } = dataset;
    one<HTMLInputElement>("[name=version]", this.#form).value = undo ?? "";
    this.#button.disabled = !undo || now >= Number(undoUntil);
    write(this.#words, undo ? `Undo: ${done}` : "Undo");
    for (const action of all("[data-part=undo-list] [data-until]")) action.hidden = now >= Number(action.dataset.until);
    for (const node of all("[data-ago]")) write(node, ago((now - Number(node.dataset.ago)) / 60_000));
  }
}
