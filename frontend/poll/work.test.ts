// @vitest-environment node
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { prove } from "./work";

const POLL = "0f6f2b7c-6a44-4d7d-8d3c-1f7a0a3f7f10";
const BALLOT = "0190b3f2-7a54-7c3e-9d8e-0242ac120002";

test.each([0, 1, 9, 14])("a proof of %i bits is one by another hand", async (bits) => {
  const number = await prove(POLL, BALLOT, bits);
  const rest = Buffer.alloc(8);
  rest.writeBigUInt64BE(BigInt(number));
  const ids = Buffer.from(`${POLL}${BALLOT}`.replaceAll("-", ""), "hex");
  const found = createHash("sha256").update(ids).update(rest).digest();
  expect(found.readUInt32BE(0) < 2 ** (32 - bits)).toBe(true);
});

test("the same ballot in another poll has another proof", async () => {
  const other = POLL.replace("0f", "1f");
  expect(await prove(POLL, BALLOT, 12)).not.toBe(await prove(other, BALLOT, 12));
});
