/** The size stepper of the join page. Its buttons are there only with this script. */
for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const input = stepper.querySelector("input");
  for (const button of stepper.querySelectorAll("[data-step]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const [least, most] = [Number(input.min) || 1, Number(input.max) || Infinity];
      input.value = Math.min(Math.max((Number(input.value) || 0) + Number(button.dataset.step), least), most);
    });
  }
}
// Back from the ticket: the page must not offer a second place from the browser's memory.
addEventListener("pageshow", (event) => event.persisted && location.reload());
