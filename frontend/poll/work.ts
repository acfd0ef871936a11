/**
 * Proof of work of a ballot (polls/proof_of_work.py; docs/decisions/0020): the ballot's own id is the challenge, so it needs no network.
 */
import { sha256 } from "@noble/hashes/sha2.js";

// Milliseconds of work at a time, so that the page stays responsive.
const TURN_MS = 40;

/** Finds a number with which SHA-256 of both ids and it begins with `bits` zero bits (at most 32). */
export async function prove(poll: string, ballot: string, bits: number): Promise<number> {
  const block = new DataView(new ArrayBuffer(40));
  for (const [place, digit] of [...`${poll}${ballot}`.replaceAll("-", "").matchAll(/../g)].entries())
    block.setUint8(place, Number.parseInt(digit[0], 16));
  const bytes = new Uint8Array(block.buffer);
  let until = performance.now() + TURN_MS;
  for (let number = 0; ; number++) {
    block.setUint32(32, number / 2 ** 32);
    block.setUint32(36, number);
    const found = sha256(bytes);
    if (new DataView(found.buffer, found.byteOffset).getUint32(0) < 2 ** (32 - bits)) return number;
    if (number % 64 === 0 && performance.now() > until) {
      await new Promise((next) => setTimeout(next));
      until = performance.now() + TURN_MS;
    }
  }
}
