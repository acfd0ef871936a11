/** Ready-made messages: choosing one writes it into its form's field, where it can be changed. */
import { one } from "../shared/dom";

export function offerReadyMade(): void {
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement) || !("templates" in target.dataset)) return;
    const text = one<HTMLInputElement>("[name=text]", target.form as HTMLFormElement);
    text.value = target.value;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
