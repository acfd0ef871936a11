import { expect, test } from "vitest";
import { minutes, runClocks } from "./clocks";

test.each([
  [-1, "0 min"],
  [47.9, "47 min"],
  [90, "90 min"],
  [120, "2 h"],
  [135, "2 h 15 min"],
])("%d minutes are %s", (exact, words) => expect(minutes(exact)).toBe(words));

test("a replay's minutes run faster, its countdown does not", () => {
  document.body.innerHTML = `<div data-scale="60"><b data-deadline="90000"></b><i data-since="0"></i></div>`;
  const list = document.body.firstElementChild as HTMLElement;
  runClocks(list, 30_000);
  expect(list.textContent).toBe("1:0030 min");
});
