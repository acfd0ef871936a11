// @vitest-environment node
import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { waitMs } from "../shared/backoff";
import { type Ballot, Outbox } from "./outbox";
import { prove } from "./work";

const POLL = "0f6f2b7c-6a44-4d7d-8d3c-1f7a0a3f7f10";
const CAST = { poll: POLL, url: "/vote/ABCDEF/ballot", choices: [2, 0] };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

type Sent = Record<string, unknown> & { ballotId: string };
let sent: Sent[] = [];
let answer: (body: Sent) => Response | Promise<Response>;
let opened: Outbox[] = [];

/** A tab, or the worker: what is kept is the browser's. */
async function tab(): Promise<Outbox> {
  const outbox = await Outbox.open();
  opened.push(outbox);
  return outbox;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const receipt = (body: Sent) => ({ ballotId: body.ballotId, pollId: POLL, time: 1, seal: "s" });
const counted = (body: Sent) => json(201, { status: "counted", receipt: receipt(body) });
const noNetwork = () => {
  throw new TypeError("no network");
};

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("navigator", {});
  sent = [];
  answer = counted;
  vi.stubGlobal("fetch", async (_: string, { body }: { body: string }) => {
    sent.push(JSON.parse(body));
    return answer(JSON.parse(body));
  });
});

afterEach(() => {
  for (const outbox of opened) outbox.close();
  opened = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

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

test("a ballot is written down before anything is sent, and counted with its receipt", async () => {
  const outbox = await tab();
  const kept = await outbox.keep(CAST);
  expect(sent).toEqual([]);
  expect(await outbox.of(POLL)).toEqual(kept);
  expect(kept).toMatchObject({ state: "pending", attempts: 0, choices: [2, 0] });
  expect(kept.id).toMatch(UUID);
  const done = await outbox.send(POLL);
  expect(done).toMatchObject({ state: "counted", receipt: { ballotId: kept.id, seal: "s" } });
  await outbox.send(POLL);
  expect(sent.length).toBe(1);
  expect(sent[0]).toMatchObject({ ballotId: kept.id, choices: [2, 0] });
});

test("the signature fits the text that the server checks, and the key stays the same and unreadable", async () => {
  const outbox = await tab();
  const { id, key = "", signature = "" } = await outbox.keep(CAST);
  const raw = (text: string) => Uint8Array.from(Buffer.from(text, "base64url"));
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const open = await crypto.subtle.importKey("raw", raw(key), curve, true, ["verify"]);
  const text = new TextEncoder().encode(`tallyline-ballot|${POLL}|${id}|0,2`);
  expect(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, open, raw(signature), text)).toBe(true);
  await outbox.send(POLL);
  const changed = await (await tab()).keep({ ...CAST, choices: [1] });
  expect(changed.key).toBe(key);
  expect(changed.signature).not.toBe(signature);
  await outbox.send(POLL);
  expect(sent[1]).toMatchObject({ key, signature: changed.signature });
});

test("plain HTTP: without subtle, randomUUID and locks it goes unsigned, with an id as good", async () => {
  const { getRandomValues } = crypto;
  vi.stubGlobal("crypto", { getRandomValues: getRandomValues.bind(crypto) });
  const outbox = await tab();
  const kept = await outbox.keep(CAST);
  expect(kept.id).toMatch(UUID);
  expect((await outbox.send(POLL))?.state).toBe("counted");
  expect(sent[0]).not.toHaveProperty("signature");
});

test("without network it stays pending, and every try is the same ballot", async () => {
  const outbox = await tab();
  answer = noNetwork;
  const { id } = await outbox.keep(CAST);
  for (const attempts of [1, 2, 3]) expect(await outbox.send(POLL)).toMatchObject({ state: "pending", attempts });
  answer = counted;
  expect((await (await tab()).send(POLL))?.state).toBe("counted"); // another tab, after this one was killed
  expect(new Set(sent.map(({ ballotId }) => ballotId))).toEqual(new Set([id]));
  expect(sent.length).toBe(4);
});

test.each([
  ["a proxy's error", () => new Response("bad gateway", { status: 502 })],
  ["a proxy's refusal", () => new Response("<h1>Forbidden</h1>", { status: 403 })],
  ["a sign-in page", () => new Response("<h1>Welcome to our Wi-Fi</h1>")],
  ["another server's JSON", () => json(200, { ok: true })],
  ["another poll's receipt", () => json(201, { receipt: { pollId: "another" } })],
  ["half an answer", () => new Response('{"receipt":', { status: 201 })],
  ["too many requests", () => json(429, { error: "Too many" })],
  ["no database", () => json(503, { error: "Please try again." })],
])("%s decides nothing", async (_, foreign) => {
  const outbox = await tab();
  await outbox.keep(CAST);
  answer = foreign;
  expect((await outbox.send(POLL))?.state).toBe("pending");
  answer = counted;
  expect((await outbox.send(POLL))?.state).toBe("counted");
});

test("a refusal is kept with its reason, and never sent again", async () => {
  const outbox = await tab();
  await outbox.keep(CAST);
  answer = () => json(409, { error: "This poll is closed." });
  const refused = (await outbox.send(POLL)) as Ballot;
  expect(refused).toMatchObject({ state: "refused", problem: "This poll is closed." });
  expect(await outbox.drain()).toBe(false);
  expect(sent.length).toBe(1);
  const next = await outbox.keep(CAST);
  expect(next).toMatchObject({ state: "pending" });
  expect(next.id).not.toBe(refused.id);
  await outbox.forget(refused); // an older one than what is there
  expect((await outbox.of(POLL))?.id).toBe(next.id);
  await outbox.forget(next);
  expect(await outbox.of(POLL)).toBeUndefined();
});

test("Retry-After is obeyed by timers, tabs and the worker", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const outbox = await tab();
  await outbox.keep(CAST);
  answer = () => json(503, { error: "x" }, { "retry-after": "30" });
  const { next, notBefore } = (await outbox.send(POLL)) as Ballot;
  expect(notBefore).toBe(Date.now() + 30_000);
  expect(next).toBeGreaterThanOrEqual(notBefore);
  vi.setSystemTime(Date.now() + 29_000);
  await outbox.send(POLL);
  await (await tab()).drain();
  expect(sent.length).toBe(1);
  answer = counted;
  vi.setSystemTime(Date.now() + 1_000);
  expect((await outbox.send(POLL))?.state).toBe("counted");
});

test("beyond Retry-After the wait grows with each try, so that a crowd does not come back every second", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  vi.spyOn(Math, "random").mockReturnValue(1);
  const outbox = await tab();
  await outbox.keep(CAST);
  answer = () => json(503, { error: "x" }, { "retry-after": "1" });
  for (const seconds of [2, 3, 5, 9]) {
    const waiting = (await outbox.send(POLL, { now: true })) as Ballot;
    expect(outbox.wait(waiting)).toBe(seconds * 1000);
  }
});

test("waits grow exponentially up to a minute, anywhere between nothing and that", () => {
  const drawn = (random: number) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    return [0, 1, 2, 5, 6, 60, 5000].map(waitMs);
  };
  expect(drawn(1)).toEqual([1, 2, 4, 32, 60, 60, 60].map((seconds) => seconds * 1000));
  expect(drawn(0.5)).toEqual([0.5, 1, 2, 16, 30, 30, 30].map((seconds) => seconds * 1000));
  expect(drawn(0)).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test("two tabs that vote at once have one ballot, and both know it", async () => {
  const [one, other] = [await tab(), await tab()];
  const kept = await Promise.all([one.keep(CAST), other.keep({ ...CAST, choices: [1] })]);
  expect(kept[0]?.id).toBe(kept[1]?.id);
  expect(await one.of(POLL)).toEqual(await other.of(POLL));
});

test.each([true, false])("several tabs and the worker send once (locks: %s)", async (locks) => {
  if (locks) stubLocks();
  const tabs = await Promise.all([tab(), tab(), tab()]);
  await tabs[0]?.keep(CAST);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  answer = async (body) => {
    await held;
    return counted(body);
  };
  const told = new Promise((resolve) => tabs[1]?.onNews(resolve));
  const sending = tabs.map((each) => each.drain());
  await vi.waitFor(() => expect(sent.length).toBe(1));
  await Promise.all(sending.slice(1)); // they leave it to the first
  release();
  expect(await sending[0]).toBe(false);
  expect(await told).toBe(POLL);
  expect(sent.length).toBe(1);
});

test("a tab that was killed while it sent is waited for no longer than its lease", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const killed = await tab();
  await killed.keep(CAST);
  answer = () => new Promise<Response>(() => {});
  void killed.send(POLL);
  await vi.waitFor(() => expect(sent.length).toBe(1));
  answer = counted;
  const next = await tab();
  expect((await next.send(POLL))?.state).toBe("pending");
  vi.setSystemTime(Date.now() + 15_000);
  expect((await next.send(POLL))?.state).toBe("counted");
  expect(sent.length).toBe(2);
});

test("with locks, a killed tab is not waited for at all", async () => {
  const killed = await tab();
  await killed.keep(CAST);
  answer = () => new Promise<Response>(() => {});
  void killed.send(POLL);
  await vi.waitFor(() => expect(sent.length).toBe(1));
  answer = counted;
  stubLocks(); // the browser has given the dead tab's lock back
  expect((await (await tab()).send(POLL))?.state).toBe("counted");
});

test("draining sends every poll's ballot", async () => {
  const outbox = await tab();
  await outbox.keep(CAST);
  await outbox.keep({ ...CAST, poll: "another" });
  answer = (body) => json(201, { receipt: { ...receipt(body), pollId: sent.length === 1 ? POLL : "another" } });
  expect(await outbox.drain()).toBe(false);
  answer = noNetwork;
  await outbox.keep(CAST);
  expect(await outbox.drain()).toBe(true);
});

test("a poll that asks for work gets it, done once", async () => {
  const outbox = await tab();
  answer = noNetwork;
  await outbox.keep({ ...CAST, bits: 8 });
  await outbox.send(POLL);
  answer = counted;
  expect((await outbox.send(POLL))?.state).toBe("counted");
  const [first, second] = sent;
  expect(second?.work).toBe(first?.work);
  expect(first?.work).toBe(await prove(POLL, first?.ballotId ?? "", 8));
});
