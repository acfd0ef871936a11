/** The walk-in's size by one tap. The number field stays for larger parties. */
import { all, one } from "../shared/dom";

export function sizeKeys(form: HTMLFormElement): void {
  const field = one<HTMLInputElement>("[name=size]", form);
  const keys = all("[data-size]", form);
  const mark = () => {
    for (const key of keys) key.setAttribute("aria-pressed", String(key.dataset.size === field.value));
  };
  form.addEventListener("click", (event) => {
    const key = (event.target as HTMLElement).closest<HTMLElement>("[data-size]");
    if (!key) return;
    field.value = key.dataset.size ?? "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  for (const event of ["input", "emptied"]) form.addEventListener(event, mark);
}
