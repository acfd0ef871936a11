// @vitest-environment node
import { expect, test, vi } from "vitest";
import { ANN, BOB, done, eachTest, heldAnswer, names, noNetwork, press, server, tab } from "./outbox_testing";

eachTest();

/** Locks as browsers have them, for all tabs of a test. */
function stubLocks(): void {
  const held = new Set<string>();
  vi.stubGlobal("navigator", {
    locks: {
      async request(name: string, _: unknown, work: (lock: unknown) => Promise<unknown>) {
        if (held.has(name)) return work(null);
        held.add(name);
        try {
          return await work({ name });
        } finally {
          held.delete(name);
        }
      },
    },
  });
}

test.each([true, false])("several tabs send once, in order, and know of each other (locks: %s)", async (locks) => {
  if (locks) stubLocks();
  const tabs = [await tab(), await tab()];
  await tabs[0]?.add(press("call", ANN));
  await tabs[1]?.add(press("seat", BOB));
  const release = heldAnswer();
  const sending = tabs[0]?.flush();
  await vi.waitFor(() => expect(server.batches.length).toBe(1));
  await tabs[1]?.flush({ now: true }); // leaves it to the first
  release();
  await sending;
  expect(server.batches.map(names)).toEqual([["call", "seat"]]);
  await vi.waitFor(() => expect(tabs[1]?.pending).toEqual([]));
});

test("a tab that was killed while it sent is waited for no longer than its lease", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const killed = await tab();
  await killed.add(press("call", ANN));
  server.answer = () => new Promise<Response>(() => {});
  void killed.flush();
  await vi.waitFor(() => expect(server.batches.length).toBe(1));
  server.answer = done;
  const next = await tab();
  await next.flush({ now: true });
  expect(next.pending.length).toBe(1);
  vi.setSystemTime(Date.now() + 15_000);
  await next.flush({ now: true });
  expect(next.pending).toEqual([]);
  expect(server.batches[1]?.[0]?.id).toBe(server.batches[0]?.[0]?.id);
});

test("two lines on one tablet are apart", async () => {
  const [one, other] = [await tab(), await tab("XYZ567")];
  await one.add(press("call", ANN));
  expect(other.pending).toEqual([]);
  await other.flush();
  expect(server.batches).toEqual([]);
});

test("without the browser's storage the page's memory takes its place", async () => {
  vi.stubGlobal("indexedDB", undefined);
  const outbox = await tab();
  expect(outbox.lasting).toBe(false);
  await outbox.add(press("call", ANN));
  const seat = await outbox.add(press("seat", BOB));
  expect(await outbox.drop(seat.id)).toBe(true);
  await outbox.flush();
  expect(server.batches.map(names)).toEqual([["call"]]);
  expect(outbox.pending).toEqual([]);
});

test("what is not sent can be taken back, but not while it is being sent", async () => {
  const outbox = await tab();
  server.answer = noNetwork;
  const kept = await outbox.add(press("call", ANN));
  await outbox.flush();
  const release = heldAnswer();
  const sending = outbox.flush({ now: true });
  await vi.waitFor(() => expect(server.batches.length).toBe(2));
  expect(await outbox.drop(kept.id)).toBe(false);
  release();
  await sending;
  server.answer = noNetwork;
  const other = await outbox.add(press("seat", ANN));
  await outbox.flush({ now: true });
  expect(await outbox.drop(other.id)).toBe(true);
  expect(outbox.pending).toEqual([]);
});
