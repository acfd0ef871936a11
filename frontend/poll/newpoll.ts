/** The form of a new poll: adds fields for choices; Enter moves to the next field instead of submitting. */
import { all, one } from "../shared/dom";

for (const boxes of all("[data-boxes]")) {
  const add = one<HTMLButtonElement>("[data-add]", boxes);
  const inputs = () => all<HTMLInputElement>("input", boxes);
  const most = Number(boxes.dataset.most);

  const more = () => {
    const there = inputs();
    const last = there.at(-1);
    if (!last || there.length >= most) return;
    const box = last.cloneNode() as HTMLInputElement;
    box.value = "";
    box.placeholder = String(there.length + 1);
    box.setAttribute("aria-label", `Choice ${there.length + 1}`);
    last.after(box);
    add.hidden = there.length + 1 >= most;
    box.focus();
  };

  add.hidden = inputs().length >= most;
  add.addEventListener("click", more);
  boxes.addEventListener("keydown", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || event.key !== "Enter" || event.isComposing || box.name !== "choices")
      return;
    event.preventDefault();
    const next = inputs()[inputs().indexOf(box) + 1];
    if (next) next.focus();
    else if (box.value) more();
  });
}
