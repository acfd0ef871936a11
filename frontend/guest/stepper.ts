import { all, one } from "../shared/dom";

/** The − and + buttons beside a number field; this script adds them. */
export function enableSteppers(within: ParentNode = document): void {
  for (const stepper of all("[data-stepper]", within)) {
    const input = one<HTMLInputElement>("input", stepper);
    for (const button of all<HTMLButtonElement>("[data-step]", stepper)) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const [least, most] = [Number(input.min) || 1, Number(input.max) || Infinity];
        input.value = String(Math.min(Math.max((Number(input.value) || 0) + Number(button.dataset.step), least), most));
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
  }
}
