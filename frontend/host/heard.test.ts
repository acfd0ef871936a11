import { expect, test } from "vitest";
import { carriedOver, choiceOf, DEFAULT, heard, KINDS, type Marks, marksOf, melody, TONES, wanting } from "./heard";

const marks = (more: Partial<Marks> = {}): Marks => ({ newest: 7, asks: [], late: [], lapsed: 0, ...more });

test("a join, a party that asks for more time, and one that is late are heard once, the most urgent first", () => {
  expect(heard(marks(), marks())).toEqual([]);
  expect(heard(marks(), marks({ newest: 9 }))).toEqual(["joins"]);
  expect(heard(marks(), marks({ newest: 8, asks: [3], late: [2] }))).toEqual(["late", "asks", "joins"]);
  expect(heard(marks({ late: [2], asks: [3] }), marks({ late: [2], asks: [3] }))).toEqual([]);
  expect(heard(marks({ late: [2] }), marks({ late: [4] }))).toEqual(["late"]);
  expect(heard(marks({ lapsed: 1 }), marks({ lapsed: 2 }))).toEqual(["late"]);
});

test("what a host did is not heard: one who left, was given time or put back", () => {
  expect(heard(marks({ late: [2], asks: [3], lapsed: 2 }), marks({ newest: 5, lapsed: 1 }))).toEqual([]);
  const left = carriedOver(marks({ newest: 9 }), marks({ newest: 5 }));
  expect(heard(left, marks({ newest: 9 }))).toEqual([]); // put back by undo
  expect(heard(left, marks({ newest: 10 }))).toEqual(["joins"]);
});

test("the count is of parties, not of marks", () => {
  expect(wanting(marks())).toBe(0);
  expect(wanting(marks({ asks: [3, 4], late: [3], lapsed: 2 }))).toBe(4);
});

test("several kinds sound one after the other, and each has a sound of its own", () => {
  const all = melody(KINDS);
  expect(all).toHaveLength(KINDS.reduce((sum, kind) => sum + TONES[kind].length, 0));
  all.slice(1).forEach((tone, index) => {
    expect(tone.at).toBeGreaterThanOrEqual((all[index]?.at ?? 0) + (all[index]?.lasts ?? 0));
  });
  expect(new Set(KINDS.map((kind) => JSON.stringify(TONES[kind]))).size).toBe(KINDS.length);
});

test("a choice is read as it was kept; what cannot be read is the default", () => {
  expect(choiceOf('{"volume":"loud","kinds":["joins","late"]}')).toEqual({ volume: "loud", kinds: ["late", "joins"] });
  expect(choiceOf('{"volume":"off","kinds":[]}')).toEqual({ volume: "off", kinds: [] });
  for (const odd of [null, "", "{", "null", "7", '{"volume":"shrill","kinds":[]}', '{"volume":"soft"}'])
    expect(choiceOf(odd)).toEqual(DEFAULT);
});

test("a list without marks is none", () => {
  expect(marksOf(undefined)).toBeNull();
  expect(marksOf('{"newest":1,"asks":[],"late":[],"lapsed":0}')).toEqual(marks({ newest: 1 }));
});
