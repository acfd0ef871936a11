// @vitest-environment node
import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { left } from "../shared/backoff";
import { type Ballot, Outbox } from "./outbox";

const POLL = "0f6f2b7c-6a44-4d7d-8d3c-1f7a0a3f7f10";
const CAST = { poll: POLL, url: "/vote/ABCDEF/ballot", choices: [2, 0] };
const DAYS = 24 * 3_600_000;

type Sent = Record<string, unknown> & { ballotId: string };
let sent: Sent[] = [];
let answer: (body: Sent) => Response | Promise<Response>;
let opened: Outbox[] = [];

async function tab(): Promise<Outbox> {
  const outbox = await Outbox.open();
  opened.push(outbox);
  return outbox;
}

const counted = ({ ballotId }: Sent) =>
  new Response(JSON.stringify({ receipt: { ballotId, pollId: POLL, time: 1, seal: "s" } }), { status: 201 });
const busy = (seconds: number) => () =>
  new Response("{}", { status: 503, headers: { "retry-after": String(seconds) } });
const noNetwork = () => {
  throw new TypeError("no network");
};

/** A request that is never answered. */
const never = () =>
  Object.assign(Object.create(IDBRequest.prototype), { addEventListener() {}, removeEventListener() {} });

/** Of what the storage is asked, nothing is answered any more. */
function hang(...methods: ("get" | "getAll" | "put" | "delete")[]): void {
  for (const method of methods) vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(never);
}

/** Another tab or the worker holds the poll's lock, until it is let go. */
function holdLock(): () => void {
  let held = true;
  vi.stubGlobal("navigator", {
    locks: { request: async (_: string, __: unknown, work: (lock: unknown) => unknown) => work(held ? null : {}) },
  });
  return () => {
    held = false;
  };
}

/** The ballot as it stands in the browser's storage, altered. */
async function alter(change: Partial<Ballot>): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const asked = indexedDB.open("tallyline-ballots");
    asked.onsuccess = () => resolve(asked.result);
  });
  const store = db.transaction("ballots", "readwrite").objectStore("ballots");
  await new Promise((resolve) => {
    const got = store.get(POLL);
    got.onsuccess = () => {
      store.put({ ...got.result, ...change }).onsuccess = resolve;
    };
  });
  db.close();
}

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
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const outbox of opened) outbox.close();
  opened = [];
  vi.unstubAllGlobals();
});

// ------------------------------------------------------------------------------------------------- a storage that fails
test.each([
  ["never opens", () => vi.stubGlobal("indexedDB", { open: never })],
  ["is not there", () => vi.stubGlobal("indexedDB", undefined)],
  [
    "is forbidden",
    () =>
      vi.stubGlobal("indexedDB", {
        open: () => {
          throw new DOMException("no", "SecurityError");
        },
      }),
  ],
])("a vote is counted though the storage %s, and it is known that nothing is kept", async (_, fail) => {
  fail();
  const outbox = await tab();
  expect(outbox.lasting).toBe(false);
  const { id } = await outbox.keep(CAST);
  answer = noNetwork;
  expect(await outbox.send(POLL)).toMatchObject({ id, state: "pending", attempts: 1 });
  answer = counted;
  expect(await outbox.send(POLL)).toMatchObject({ id, state: "counted" });
  expect(sent.map(({ ballotId }) => ballotId)).toEqual([id, id]);
});

test.each([[["get"]], [["put"]], [["get", "put", "getAll", "delete"]]] as const)(
  "a vote is counted though %s hangs as it is written down",
  async (methods) => {
    const outbox = await tab();
    hang(...methods);
    await outbox.keep(CAST);
    expect(await outbox.send(POLL)).toMatchObject({ state: "counted" });
    expect(outbox.lasting).toBe(false);
    expect(sent.length).toBe(1);
  },
);

test.each([["get"], ["put"]] as const)(
  "a vote that is kept is counted though %s hangs from then on",
  async (method) => {
    const outbox = await tab();
    const { id, signature } = await outbox.keep(CAST);
    hang(method);
    expect(await outbox.send(POLL)).toMatchObject({ id, state: "counted" });
    expect(sent).toMatchObject([{ ballotId: id, signature }]);
    // The storage still has it, and works again: the same ballot goes out once more, which the server knows.
    vi.restoreAllMocks();
    expect(await (await tab()).drain()).toBe(false);
    expect(new Set(sent.map(({ ballotId }) => ballotId))).toEqual(new Set([id]));
  },
);

test("the worker does not take a storage that hangs for an empty outbox", async () => {
  const outbox = await tab();
  await outbox.keep(CAST);
  hang("getAll");
  await expect(outbox.drain()).rejects.toThrow();
});

test("a page that was frozen has not waited for its storage", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal("indexedDB", { open: never });
  let done = false;
  const opening = Outbox.open().then(() => {
    done = true;
  });
  await vi.advanceTimersToNextTimerAsync(); // however late it fires
  expect(done).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  await opening;
  expect(done).toBe(true);
});

// ---------------------------------------------------------------------------------------------------------------- clocks
test.each([-40 * DAYS, -3_600_000, -60_000, 40 * DAYS])(
  "a clock that is set by %d ms while a vote waits makes it wait no longer",
  async (step) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const outbox = await tab();
    await outbox.keep(CAST);
    answer = busy(30);
    await outbox.send(POLL);
    vi.setSystemTime(Date.now() + step);
    answer = counted;
    for (const each of [outbox, await tab()]) {
      const waiting = (await each.of(POLL)) as Ballot;
      expect(each.wait(waiting)).toBeLessThanOrEqual(31_000);
    }
    expect(await (await tab()).send(POLL)).toMatchObject({ state: "counted" });
  },
);

test("within a page a Retry-After ends by the monotonic clock", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  const outbox = await tab();
  await outbox.keep(CAST);
  answer = busy(30);
  await outbox.send(POLL);
  answer = counted;
  vi.setSystemTime(Date.now() - 10_000); // so little that another page could not tell
  vi.advanceTimersByTime(29_000);
  expect(await outbox.send(POLL)).toMatchObject({ state: "pending" });
  vi.advanceTimersByTime(2_000);
  expect(await outbox.send(POLL)).toMatchObject({ state: "counted" });
});

test.each([
  { notBefore: Date.now() + 40 * DAYS, next: Date.now() + 40 * DAYS },
  { lease: Date.now() + 40 * DAYS },
  { notBefore: Number.POSITIVE_INFINITY, lease: Number.NaN, next: Number.MAX_SAFE_INTEGER, wait: 2 ** 40 },
  { created: Date.now() + 400 * DAYS, next: Date.now() + 2 * 3_600_000 },
  { created: 0, next: -1, notBefore: -1, lease: -1 },
])("a stored time further ahead than any wait is now: %o", async (times) => {
  const outbox = await tab();
  await outbox.keep(CAST);
  await alter(times);
  expect(outbox.wait((await outbox.of(POLL)) as Ballot)).toBe(0);
  expect(await outbox.drain()).toBe(false);
});

test("a wait is never longer than a timer of a browser can be", async () => {
  const outbox = await tab();
  await outbox.keep(CAST);
  answer = busy(10 ** 12);
  const waiting = (await outbox.send(POLL)) as Ballot;
  expect(outbox.wait(waiting)).toBeLessThanOrEqual(3_660_000);
  expect(left(Date.now() + 2 ** 40, 2 ** 41)).toBe(0);
});

// ------------------------------------------------------------------------------------------------- a person's own "now"
test("a person's own try waits for nothing: not for the server, nor a lease, nor a lock that another tab holds", async () => {
  const outbox = await tab();
  await outbox.keep(CAST);
  answer = busy(3_600);
  for (const tries of [1, 2]) {
    await outbox.send(POLL, { now: true });
    expect(sent.length).toBe(tries);
  }
  await alter({ lease: Date.now() + 14_000 });
  await outbox.send(POLL, { now: true });
  expect(sent.length).toBe(3);
  const release = holdLock();
  await outbox.send(POLL, { now: true });
  expect(sent.length).toBe(4);
  answer = counted;
  expect(await outbox.send(POLL, { now: true })).toMatchObject({ state: "counted" });
  release();
});

test("whose turn it is not begins nothing", async () => {
  const outbox = await tab();
  await outbox.keep(CAST);
  const release = holdLock();
  const begun: number[] = [];
  const onBegin = ({ attempts }: Ballot) => void begun.push(attempts);
  expect(await outbox.send(POLL, { onBegin })).toMatchObject({ state: "pending", attempts: 0 });
  release();
  await outbox.send(POLL, { onBegin });
  expect(begun).toEqual([1]);
});

test("locks that the browser refuses are as none", async () => {
  vi.stubGlobal("navigator", { locks: { request: async () => Promise.reject(new DOMException("", "SecurityError")) } });
  const outbox = await tab();
  await outbox.keep(CAST);
  expect(await outbox.send(POLL)).toMatchObject({ state: "counted" });
});

// ---------------------------------------------------------------------------------------------------------------- rounds
test("a ballot says and signs the round it was cast in; one of an older program does neither", async () => {
  const verify = async ({ key = "", signature = "" }: Ballot, text: string) => {
    const raw = (each: string) => Uint8Array.from(Buffer.from(each, "base64url"));
    const open = await crypto.subtle.importKey("raw", raw(key), { name: "ECDSA", namedCurve: "P-256" }, true, [
      "verify",
    ]);
    const message = new TextEncoder().encode(text);
    return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, open, raw(signature), message);
  };
  const outbox = await tab();
  for (const epoch of [0, 3, undefined]) {
    const ballot = await outbox.keep({ ...CAST, epoch });
    const round = epoch === undefined ? "" : `|${epoch}`;
    expect(await verify(ballot, `tallyline-ballot|${POLL}|${ballot.id}|0,2${round}`)).toBe(true);
    await outbox.send(POLL);
    expect(sent.at(-1)?.epoch).toBe(epoch);
  }
});
