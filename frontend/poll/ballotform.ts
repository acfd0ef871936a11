/** The checkboxes of a vote: limits the number of picks and shows errors at the right box. */
import { all, one, write } from "../shared/dom";

const boxes = (page: ParentNode) => all<HTMLInputElement>("[name=choices]", page);
const fieldsOf = (page: ParentNode) => one("[data-fields]", page);

/** The numbers that are picked. */
export const picks = (page: ParentNode): number[] =>
  boxes(page).flatMap((box) => (box.checked ? [Number(box.value)] : []));

/** Picks these and no others. */
export function pick(page: ParentNode, numbers: readonly number[]): void {
  for (const box of boxes(page)) box.checked = numbers.includes(Number(box.value));
}

/** After a box was changed: unchecks it when it is one pick too many, and shows why. */
export function limit(page: ParentNode, changed: EventTarget | null): void {
  if (!(changed instanceof HTMLInputElement) || changed.name !== "choices") return;
  complain(page);
  const { most, full = "" } = fieldsOf(page).dataset;
  if (picks(page).length <= Number(most)) return;
  changed.checked = false;
  complain(page, changed, full);
}

/** Whether the number of picks is allowed; else shows the error at a box that can fix it, and focuses that. */
export function fits(page: ParentNode): boolean {
  complain(page);
  const fields = fieldsOf(page);
  const { least, most, full = "" } = fields.dataset;
  const picked = boxes(page).filter((box) => box.checked);
  const few = picked.length < Number(least);
  if (!few && picked.length <= Number(most)) return true;
  const box = few ? boxes(page).find((each) => !each.checked) : picked.at(-1);
  complain(page, box, few ? (one("legend", fields).textContent ?? "") : full);
  box?.focus();
  return false;
}

/** Shows the error at this box and clears it at all others. */
function complain(page: ParentNode, box?: HTMLInputElement, words = ""): void {
  const note = one("[data-problem]", page);
  for (const each of boxes(page)) {
    each.removeAttribute("aria-describedby");
    each.removeAttribute("aria-invalid");
  }
  note.hidden = !box;
  if (box) (box.closest("label") ?? box).after(note);
  write(note, words); // an alert: screen readers announce it when it is written
  if (!box) return;
  box.setAttribute("aria-describedby", note.id);
  box.setAttribute("aria-invalid", "true");
}
