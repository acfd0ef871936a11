import { expect, test } from "vitest";
import { step } from "./order";

const LINE = ["ana", "ben", "cem"];

test("one place up or down, behind whoever stands there then", () => {
  expect(step(LINE, "cem", -1)).toEqual({ party: "cem", place: 2, behind: "ana" });
  expect(step(LINE, "ben", -1)).toEqual({ party: "ben", place: 1, behind: "" });
  expect(step(LINE, "ana", 1)).toEqual({ party: "ana", place: 2, behind: "ben" });
  expect(step(LINE, "ben", 1)).toEqual({ party: "ben", place: 3, behind: "cem" });
});

test("not past the ends", () => {
  expect(step(LINE, "ana", -1)).toBeNull();
  expect(step(LINE, "cem", 1)).toBeNull();
});
