/** The form of a new poll: more boxes for choices, and Enter goes to the next box in place of sending half a poll. */
for (const boxes of document.querySelectorAll("[data-boxes]")) {
  const add = boxes.querySelector("[data-add]");
  const inputs = () => [...boxes.querySelectorAll("input")];
  const most = Number(boxes.dataset.most);

  const more = () => {
    const all = inputs();
    if (all.length >= most) return;
    const box = all.at(-1).cloneNode();
    box.value = "";
    box.placeholder = all.length + 1;
    box.setAttribute("aria-label", `Choice ${all.length + 1}`);
    all.at(-1).after(box);
    add.hidden = all.length + 1 >= most;
    box.focus();
  };

  add.hidden = inputs().length >= most;
  add.addEventListener("click", more);
  boxes.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.name !== "choices") return;
    event.preventDefault();
    const next = inputs()[inputs().indexOf(event.target) + 1];
    if (next) next.focus();
    else if (event.target.value) more();
  });
}
