/**
 * Ids of ballots whose claim is on the node of their voter's ballot (polls/nodes.py, decision 0081): such a ballot is counted in one
 * transaction. Any other id is as good, and takes two.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { uuid } from "../shared/uuid";

/** How many shards the poll's ballots are in, and how many nodes hold these in turns. */
export interface Spread {
  shards: number;
  nodes: number;
}

// With two nodes one id in two fits. The last one is taken as it is.
const MOST_DRAWN = 64;

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

/** The shard of the ballot of a voter with this token (polls/voters.py: token_key; polls/rules.py: shard_of). */
export function voterShard(poll: string, token: string, shards: number): number {
  const tag = sha256(Uint8Array.of(...bytesOf(poll.replaceAll("-", "")), ...new TextEncoder().encode(token)));
  return tag.subarray(0, 8).reduce((rest, byte) => (rest * 256 + byte) % shards, 0);
}

/** The shard of the claim of a ballot id (polls/rules.py: claim_shard). */
export const claimShard = (id: string, shards: number): number => Number.parseInt(id.slice(0, 8), 16) % shards;

/** A new ballot's id. */
export function idBeside(poll: string, token: string, { shards, nodes }: Spread): string {
  const node = voterShard(poll, token, shards) % nodes;
  let id = uuid();
  for (let drawn = 1; drawn < MOST_DRAWN && claimShard(id, shards) % nodes !== node; drawn++) id = uuid();
  return id;
}
