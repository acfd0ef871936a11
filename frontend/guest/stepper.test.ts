import { expect, test } from "vitest";
import { all, one } from "../shared/dom";
import { enableSteppers } from "./stepper";

test("steps stay within the field's own limits", () => {
  document.body.innerHTML = `<div data-stepper><button data-step="-1" hidden>−</button>
    <input type="number" min="1" max="3" value="2"><button data-step="1" hidden>+</button></div>`;
  enableSteppers();
  const input = one<HTMLInputElement>("input");
  const [less, more] = all<HTMLButtonElement>("button");
  expect(less?.hidden).toBe(false);
  for (let tap = 0; tap < 4; tap += 1) more?.click();
  expect(input.value).toBe("3");
  for (let tap = 0; tap < 4; tap += 1) less?.click();
  expect(input.value).toBe("1");
  input.value = "";
  more?.click();
  expect(input.value).toBe("1");
});
