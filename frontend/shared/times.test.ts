import { expect, test } from "vitest";
import cases from "../../tests/core/times_of_day.json";
import { localTimes, timeOfDay } from "./times";

test.each(cases)("$language: $told, as the server writes it", ({ language, at, zone, seconds, told }) => {
  document.documentElement.lang = language;
  expect(timeOfDay(new Date(at), { zone, seconds: seconds ?? false })).toBe(told);
});

test("a time of another day is told with its date", () => {
  document.documentElement.lang = "en";
  document.body.innerHTML = '<time datetime="2026-03-06T22:08:20Z" data-local="minutes"></time>';
  localTimes();
  expect(document.body.textContent).toMatch(/^Mar \d, \d{1,2}:\d\d\u00a0[AP]M$/);
});
