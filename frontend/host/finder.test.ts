import { expect, test } from "vitest";
import { type Facts, fits, isMeant, overBy, type Wanted } from "./finder";

const ZOE: Facts = {
  ticket: "127",
  name: "Zoë Müller",
  note: "High chair",
  size: 4,
  marks: ["over"],
  section: "Terrace",
};
const ANY: Wanted = { text: "", lanes: [], marks: [], section: "" };
const SMALL = { from: 1, to: 2 };
const MIDDLE = { from: 3, to: 4 };

test.each([
  ["", true],
  ["zoe", true],
  ["MÜLLER", true],
  ["  mull zo ", true],
  ["chair", true],
  ["12", true],
  ["#127", true],
  ["27", false],
  ["zoe window", false],
])("%j finds her: %s", (text, is) => expect(isMeant(ZOE, text)).toBe(is));

test.each<[Partial<Wanted>, boolean]>([
  [{}, true],
  [{ lanes: [SMALL] }, false],
  [{ lanes: [SMALL, MIDDLE] }, true],
  [{ marks: ["over"] }, true],
  [{ marks: ["over", "way"] }, false],
  [{ section: "Terrace" }, true],
  [{ section: "Bar", lanes: [MIDDLE] }, false],
  [{ text: "zoe", lanes: [SMALL] }, false],
])("%j holds: %s", (wanted, is) => expect(fits(ZOE, { ...ANY, ...wanted })).toBe(is));

test("how late a party is counts from its quote, in the line's own time", () => {
  expect(overBy(1_000, 60_000, 71_000, 1)).toBe(10_000);
  expect(overBy(1_000, 60_000, 3_000, 60)).toBe(60_000);
  expect(overBy(1_000, 0, 71_000, 1)).toBe(Number.NEGATIVE_INFINITY);
});
