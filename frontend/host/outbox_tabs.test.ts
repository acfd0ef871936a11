// @vitest-environment node
import { expect, test, vi } from "vitest";
import {
  ANN,
  BOB,
  done,
  eachTest,
  heldAnswer,
  json,
  names,
  noNetwork,
  outcome,
  press,
  server,
  tab,
} from "./outbox_testing";

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

test("an action goes by its form first; an answer settles it, none keeps it for later", async () => {
  const outbox = await tab();
  const posted: string[] = [];
  const answered = async (id: string) => posted.push(id) > 0;
  expect(await outbox.send(press("call", ANN), answered)).toBe("answered");
  expect([posted.length, outbox.pending.length, server.batches.length]).toEqual([1, 0, 0]);
  server.answer = noNetwork;
  const lost = async (id: string) => posted.push(id) < 0;
  expect(await outbox.send(press("seat", ANN), lost)).toBeUndefined();
  expect(outbox.pending.map(({ id }) => id)).toEqual([posted[1]]);
  // Another does not overtake it: no form is sent.
  expect(await outbox.send(press("call", BOB), answered)).toBeUndefined();
  expect([posted.length, names(outbox.pending)]).toEqual([2, ["seat", "call"]]);
  server.answer = done;
  await outbox.flush({ now: true });
  expect(server.batches.at(-1)?.map(({ id }) => id)[0]).toBe(posted[1]);
  expect(outbox.pending).toEqual([]);
});

test("what is pressed while a form is on its way waits for its answer", async () => {
  const outbox = await tab();
  const order: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = outbox.send(press("call", ANN), async () => {
    await held;
    return order.push("call") > 0;
  });
  const second = outbox.send(press("seat", BOB), async () => order.push("seat") > 0);
  await vi.waitFor(() => expect(names(outbox.pending)).toEqual(["call", "seat"]));
  release();
  expect(await Promise.all([first, second])).toEqual(["answered", "answered"]);
  expect([order, server.batches]).toEqual([["call", "seat"], []]);
});

test("one action for several parties is one request, and each is told what came of it", async () => {
  const outbox = await tab();
  server.answer = (actions) =>
    json(200, {
      outcomes: actions.map(({ id, party }) =>
        party === BOB ? outcome(id, { outcome: "refused", text: "#2 has left." }) : outcome(id),
      ),
    });
  const came = await outbox.sendAll([press("seat", ANN), press("seat", BOB)]);
  expect(came.map((each) => each?.outcome)).toEqual(["done", "refused"]);
  expect(server.batches.map(names)).toEqual([["seat", "seat"]]);
});

test("a tab that was killed before the answer to its form: the next one asks what came of it", async () => {
  stubLocks();
  const killed = await tab();
  void killed.send(press("call", ANN), () => new Promise<boolean>(() => {}));
  await vi.waitFor(() => expect(killed.pending[0]?.lease).toBeGreaterThan(0));
  const id = killed.pending[0]?.id;
  stubLocks(); // the browser has given the dead tab's lock back
  const next = await tab();
  await next.flush({ now: true });
  expect(server.batches.flat().map((sent) => sent.id)).toEqual([id]);
  expect(next.pending).toEqual([]);
});
