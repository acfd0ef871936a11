import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Freshness } from "./freshness";

const NOW = 1_790_000_000_000;
let run = 0;
let day = 0;

beforeEach(() => {
  run = 1_000;
  day = NOW;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  vi.spyOn(performance, "now").mockImplementation(() => run);
  vi.spyOn(Date, "now").mockImplementation(() => day);
  delete document.documentElement.dataset.kept;
  document.body.innerHTML = `
    <p data-freshness hidden><span data-lost="No connection." data-called="The call runs on."></span>
    <span data-lost="This is {brief} old." data-copy="A copy of {brief} ago." data-unknown="An older copy." data-called=""></span></p>
    <p data-fresh data-text="as of {brief}" data-unknown="old" hidden></p>`;
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (ms: number) => {
  run += ms;
  day += ms;
};

/** The sentence, or null while there is none, and what stands beside what it is about. */
function told(page: Freshness): [string | null, string] {
  page.tick();
  const sentence = document.querySelector<HTMLElement>("[data-freshness]");
  const text = sentence?.textContent?.replace(/\s+/g, " ").trim() ?? "";
  return [sentence?.hidden ? null : text, document.querySelector("[data-fresh]")?.textContent ?? ""];
}

const live = () => ({ limitMs: () => 30_000 });

test("both say the same age, and the sentence comes with the first failure or when nothing comes", () => {
  const page = new Freshness();
  page.follow(live());
  pass(12_000);
  expect(told(page)).toEqual([null, "as of 12 s"]);
  page.troubled();
  expect(told(page)).toEqual(["No connection. This is 12 s old.", "as of 12 s"]);
  page.seen();
  expect(told(page)).toEqual([null, "as of 0 s"]);
  pass(31_000);
  expect(told(page)).toEqual(["No connection. This is 31 s old.", "as of 31 s"]);
});

test("a copy is as old as its fetching, until its live part has an answer", () => {
  document.documentElement.dataset.kept = String(NOW - 42_000);
  const page = new Freshness();
  page.follow(live());
  expect(told(page)).toEqual(["No connection. A copy of 42 s ago.", "as of 42 s"]);
  page.troubled();
  expect(told(page)).toEqual(["No connection. A copy of 42 s ago.", "as of 42 s"]);
  page.seen();
  expect(told(page)).toEqual([null, "as of 0 s"]);
  page.troubled();
  pass(5_000);
  expect(told(page)).toEqual(["No connection. This is 5 s old.", "as of 5 s"]);
});

test("a copy of a phone whose clock was put back names no age", () => {
  document.documentElement.dataset.kept = String(NOW + 600_000);
  expect(told(new Freshness())).toEqual(["No connection. An older copy.", "old"]);
});

test("a situation has its own words", () => {
  const page = new Freshness();
  page.follow({ ...live(), situation: () => "called" });
  page.troubled();
  expect(told(page)).toEqual(["The call runs on.", "as of 0 s"]);
});

const SECONDS = [5, 59.9, 61, 75, 89.6, 100, 119, 150, 5_399, 5_400, 6_000, 90_000];

test.each(SECONDS)("%d s are one age in all words", (seconds) => {
  document.body.innerHTML = `<p data-freshness hidden><span data-lost="Lost."></span><span data-lost="{age}"></span></p>
    <p data-fresh data-text="{ago}"></p><p data-fresh data-text="{brief}"></p>`;
  const page = new Freshness();
  page.follow(live());
  pass(seconds * 1000);
  page.troubled();
  const nodes = [...document.querySelectorAll("[data-freshness], [data-fresh]")];
  const ages = nodes.map((node) => node.textContent?.match(/\d+ [smh]/)?.[0]);
  expect(ages).toEqual([ages[0], ages[0], ages[0]]);
  expect(ages[0]).toBeDefined();
});

test("a phone that slept says how long, and waits for the first answer before it speaks of no connection", () => {
  const page = new Freshness();
  page.follow(live());
  day += 3_600_000;
  document.dispatchEvent(new Event("visibilitychange"));
  pass(1_000);
  expect(told(page)).toEqual([null, "as of 60 min"]);
  pass(3_000);
  expect(told(page)[0]).toBe("No connection. This is 60 min old.");
});

test("a page without a live part that is no copy has nothing to say, nor has one that has ended", () => {
  const page = new Freshness();
  pass(100_000);
  expect(told(page)[0]).toBeNull();
  page.follow(live());
  page.troubled();
  page.end();
  pass(100_000);
  expect(told(page)[0]).toBeNull();
});
