// @vitest-environment node
import { expect, test, vi } from "vitest";
import { ANN, BOB, done, eachTest, json, names, noNetwork, outcome, press, server, tab } from "./outbox_testing";

eachTest();

test("actions are written down before anything is sent, and sent in order in one request", async () => {
  const outbox = await tab();
  for (const action of ["call", "seat", "pause"]) await outbox.add(press(action, action === "pause" ? undefined : ANN));
  expect(server.batches).toEqual([]);
  expect(names((await tab()).pending)).toEqual(["call", "seat", "pause"]);
  await outbox.flush();
  expect(server.batches.map(names)).toEqual([["call", "seat", "pause"]]);
  expect(server.batches[0]?.[0]).toEqual({
    ...{ id: expect.any(String), action: "call", party: ANN, saw: "waiting", version: 7, pressedAt: 1000 },
  });
  expect(outbox.pending).toEqual([]);
});

test("an action names the tablet's own one before it, until the list shows that", async () => {
  const outbox = await tab();
  const call = await outbox.add(press("call", ANN));
  expect((await outbox.add(press("call", BOB))).after).toBeUndefined();
  const seat = await outbox.add(press("seat", ANN));
  expect(seat.after).toBe(call.id);
  await outbox.flush();
  expect((await outbox.add(press("remove", ANN))).after).toBe(seat.id);
  await outbox.flush();
  expect((await outbox.add(press("put-back", ANN, { version: 8 }))).after).toBeUndefined();
  const next = await tab(); // another page knows what is pending
  expect((await next.add(press("seat", ANN))).after).toBe(outbox.pending[0]?.id);
});

test("without a network everything stays, in order, and goes when it is back", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const outbox = await tab();
  server.answer = noNetwork;
  await outbox.add(press("call", ANN));
  await outbox.flush();
  await outbox.add(press("seat", BOB));
  await outbox.flush({ now: true });
  expect(names(outbox.pending)).toEqual(["call", "seat"]);
  server.answer = done;
  await outbox.flush({ now: true });
  expect(names(server.batches.at(-1) ?? [])).toEqual(["call", "seat"]);
  expect(outbox.pending).toEqual([]);
});

test("a later action does not overtake one that waits for its next try", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(Math, "random").mockReturnValue(1);
  const outbox = await tab();
  server.answer = () => json(503, { error: "busy" }, { "retry-after": "5" });
  await outbox.add(press("call", ANN));
  await outbox.flush();
  await outbox.add(press("seat", BOB));
  await outbox.flush();
  await outbox.flush({ now: true }); // nobody may come before the server allows it
  expect(server.batches.length).toBe(1);
  vi.setSystemTime(Date.now() + 7_000);
  server.answer = done;
  await outbox.flush();
  expect(server.batches.slice(1).map(names)).toEqual([["call", "seat"]]);
});

test("tries that fail wait longer each time", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(Math, "random").mockReturnValue(1);
  const outbox = await tab();
  server.answer = noNetwork;
  await outbox.add(press("call", ANN));
  const waits: number[] = [];
  for (let tries = 0; tries < 8; tries++) {
    await outbox.flush({ now: true });
    waits.push(outbox.pending[0]?.wait ?? 0);
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000));
});

test("it sends by itself when the wait is over", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const outbox = await tab();
  server.answer = noNetwork;
  await outbox.add(press("call", ANN));
  await outbox.flush();
  server.answer = done;
  await vi.waitFor(() => expect(outbox.pending).toEqual([]), { timeout: 3_000 });
});

test("a refused action stays with its sentence until it is dismissed, and costs no other", async () => {
  const outbox = await tab();
  const told: [string, string][] = [];
  outbox.onOutcome(({ action }, { outcome, text }) => told.push([`${action} ${outcome}`, text]));
  server.answer = (actions) =>
    json(200, {
      outcomes: actions.map(({ id, action }) =>
        action === "seat" ? outcome(id, { outcome: "refused", version: null, text: "#1 was seated." }) : outcome(id),
      ),
    });
  const seat = await outbox.add(press("seat", ANN));
  await outbox.add(press("call", BOB));
  await outbox.flush();
  expect(told).toEqual([
    ["seat refused", "#1 was seated."],
    ["call done", ""],
  ]);
  expect(outbox.pending).toEqual([]);
  const next = await tab();
  expect(next.refused.map(({ text }) => text)).toEqual(["#1 was seated."]);
  await next.flush();
  expect(server.batches.length).toBe(1);
  expect(await next.drop(seat.id)).toBe(true);
  expect((await tab()).refused).toEqual([]);
});

test("a tablet that is no host any more keeps what is pending, and says so", async () => {
  const outbox = await tab();
  server.answer = () => json(server.proof === "fresh" ? 200 : 403, { error: "This host token has ended." });
  await outbox.add(press("call", ANN));
  await outbox.flush();
  expect([outbox.ended, outbox.pending.length]).toEqual(["This host token has ended.", 1]);
  server.proof = "fresh";
  server.answer = done;
  await outbox.flush({ now: true });
  expect([outbox.ended, outbox.pending.length]).toEqual(["", 0]);
});

test("one that the server cannot read is refused alone", async () => {
  const outbox = await tab();
  server.answer = (actions) =>
    actions.some(({ action }) => action === "bad")
      ? json(400, { error: "actions.1.id: must be a UUID." })
      : done(actions);
  for (const action of ["call", "bad", "seat"]) await outbox.add(press(action, ANN));
  await outbox.flush();
  expect(server.batches.map(names)).toEqual([["call", "bad", "seat"], ["call"], ["bad"], ["seat"]]);
  expect(outbox.refused.map(({ text }) => text)).toEqual(["actions.1.id: must be a UUID."]);
  expect(outbox.pending).toEqual([]);
});

test("an answer that is not our server's decides nothing", async () => {
  const outbox = await tab();
  await outbox.add(press("call", ANN));
  for (const strange of [
    new Response("<html>Hotel</html>"),
    json(200, {}),
    json(200, { outcomes: [] }),
    json(404, "x"),
  ]) {
    server.answer = () => strange;
    await outbox.flush({ now: true });
  }
  expect(outbox.pending.length).toBe(1);
});

test("more than the server takes at once go in several requests, in order", async () => {
  const outbox = await tab();
  for (let number = 0; number < 20; number++) await outbox.add(press(`call${number}`, ANN));
  await outbox.flush();
  expect(server.batches.map((batch) => batch.length)).toEqual([16, 4]);
  expect(names(server.batches.flat())).toEqual(Array.from({ length: 20 }, (_, number) => `call${number}`));
});
