// @vitest-environment node
import { expect, test } from "vitest";
import { claimShard, idBeside, voterShard } from "./nodes";

const POLL = "0f6f2b7c-6a44-4d7d-8d3c-1f7a0a3f7f10";
const TOKEN = "ab".repeat(32);

// tests/polls/test_beside.py has the same numbers for the server.
test.each([
  [1, 0],
  [2, 1],
  [3, 1],
  [7, 5],
  [32_767, 29_706],
])("of %i shards the voter's is %i, as the server finds it", (shards, shard) => {
  expect(voterShard(POLL, TOKEN, shards)).toBe(shard);
});

test("the shard of an id is of its first 32 bits", () => {
  expect(claimShard("ffffffff-0000-4000-8000-000000000000", 7)).toBe(0xffffffff % 7);
  expect(claimShard("00000005-ffff-4fff-bfff-ffffffffffff", 3)).toBe(2);
});

test("an id lies on its voter's node, and no two are alike", () => {
  const spread = { shards: 12, nodes: 3 };
  const ids = Array.from({ length: 200 }, () => idBeside(POLL, TOKEN, spread));
  expect(new Set(ids).size).toBe(200);
  for (const id of ids) expect(claimShard(id, 12) % 3).toBe(voterShard(POLL, TOKEN, 12) % 3);
});
