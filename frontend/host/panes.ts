/** The panes that open beside the list: one at a time. Without scripts each is a plain details element. */
import { all } from "../shared/dom";

export class Panes {
  readonly #opened: () => void;

  /** `opened` is called when one of them opens. */
  constructor(opened: () => void) {
    this.#opened = opened;
    document.addEventListener("click", (event) => {
      const target = event.target as HTMLElement;
      const summary = target.closest<HTMLElement>("[data-pane] > summary");
      if (summary) {
        // By hand, so that a field gets the focus within the tap: only then a tablet shows its keyboard.
        event.preventDefault();
        this.#toggle(summary.parentElement as HTMLDetailsElement);
      } else if (target.closest("[data-pane-away]")) this.#away(target.closest("[data-pane]"));
    });
    document.addEventListener("keydown", ({ key, defaultPrevented }) => {
      if (key === "Escape" && !defaultPrevented) this.#away(document.querySelector("[data-pane][open]"));
    });
  }

  closeAll(): void {
    for (const pane of all<HTMLDetailsElement>("[data-pane][open]")) pane.open = false;
  }

  #toggle(pane: HTMLDetailsElement): void {
    const { open } = pane;
    this.closeAll();
    pane.open = !open;
    if (open) return;
    this.#opened();
    pane.querySelector<HTMLInputElement>("[data-walk-in] [name=name]")?.focus();
  }

  /** Closes it; the focus goes back to its button. */
  #away(pane: HTMLDetailsElement | null): void {
    if (!pane) return;
    pane.open = false;
    pane.querySelector<HTMLElement>(":scope > summary")?.focus();
  }
}
