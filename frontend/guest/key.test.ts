import { expect, test } from "vitest";
import { newKey } from "./key";

test("a key is 32 hex digits, and another every time", () => {
  const keys = Array.from({ length: 50 }, newKey);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(keys).size).toBe(50);
});
