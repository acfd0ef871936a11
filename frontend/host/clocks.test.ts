import { expect, test } from "vitest";
import { ago, minutes, runClocks } from "./clocks";

test.each([
  [-1, "0 min"],
  [47.9, "47 min"],
  [90, "90 min"],
  [120, "2 h"],
  [135, "2 h 15 min"],
])("%d minutes are %s", (exact, words) => expect(minutes(exact)).toBe(words));

test("a replay's minutes run faster, its countdown does not", () => {
  document.body.innerHTML = `<div><b data-deadline="90000"></b><i data-since="0"></i></div>`;
  const list = document.body.firstElementChild as HTMLElement;
  runClocks(list, 30_000, 60);
  expect(list.textContent).toBe("1:0030 min");
});

test("a call that has run out tells the minutes since, and its row is late; so is a wait beyond its quote", () => {
  document.body.innerHTML = `<p data-party><b data-deadline="10000">0:05</b><i data-overdue hidden>late</i></p>
    <p data-party data-quote-high-ms="60000"><span class="waits"><i data-since="0"></i></span></p>`;
  const [called, waiting] = [...document.querySelectorAll("p")] as HTMLElement[];
  runClocks(document.body, 75_000);
  expect(called?.textContent).toBe("1 minlate");
  expect([called?.className, called?.querySelector("i")?.hidden]).toEqual(["is-late", false]);
  expect(waiting?.querySelector(".waits.late")?.textContent).toBe("1 min");
  runClocks(document.body, 5_000);
  expect([called?.className, called?.querySelector("i")?.hidden]).toEqual(["", true]);
  expect(waiting?.querySelector(".late")).toBeNull();
});

test("what was done less than a minute ago was done just now", () => {
  expect([0.9, 1, 7.8, 120].map(ago)).toEqual(["just now", "1 min ago", "7 min ago", "2 h ago"]);
});
