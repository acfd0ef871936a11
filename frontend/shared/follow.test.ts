import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Follow, type Way } from "./follow";

class FakeSocket {
  static made: FakeSocket[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  close() {
    this.closed = true;
  }
}

class FakeEvents {
  static made: FakeEvents[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    FakeEvents.made.push(this);
  }
  close() {
    this.closed = true;
  }
}

let asked = 0;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
  FakeEvents.made = [];
  asked = 0;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("EventSource", FakeEvents);
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    return new Response(null, { status: 304 });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function follow(url = "/versions") {
  const told = { versions: [] as number[], ways: [] as Way[], trouble: 0 };
  const poll = { url: "/line", everyMs: 2000, onNews: () => {} };
  new Follow({
    url,
    poll: { ...poll, onTrouble: () => void told.trouble++ },
    onVersion: (version) => told.versions.push(version),
    onWay: (way) => told.ways.push(way),
  });
  return told;
}

const socket = (index: number) => FakeSocket.made[index] as FakeSocket;
const events = (index: number) => FakeEvents.made[index] as FakeEvents;

test("a socket that speaks is all there is", async () => {
  const told = follow();
  expect(socket(0).url).toMatch(/^ws.*\/versions$/);
  socket(0).onmessage?.({ data: '{"version":3}' });
  await vi.advanceTimersByTimeAsync(8000);
  socket(0).onmessage?.({ data: '{"version":4}' });
  expect(told).toEqual({ versions: [3, 4], ways: ["socket", "socket"], trouble: 0 });
  expect([FakeEvents.made.length, asked]).toEqual([0, 0]);
});

test("without sockets events, without events polling, and sockets are tried again", async () => {
  const told = follow();
  socket(0).onclose?.();
  events(0).onerror?.();
  await vi.advanceTimersByTimeAsync(10);
  expect(told.ways).toEqual(["poll"]);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(FakeSocket.made.length).toBe(2);
  socket(1).onmessage?.({ data: '{"version":9}' });
  const before = asked;
  await vi.advanceTimersByTimeAsync(6000);
  expect(told.versions).toEqual([9]);
  expect(asked).toBe(before); // polling has ended
});

test("a socket that opens and never speaks is passed over", async () => {
  follow();
  await vi.advanceTimersByTimeAsync(5100);
  expect(socket(0).closed).toBe(true);
  expect(FakeEvents.made.length).toBe(1);
});

test("silence is a dead connection: told at once, and begun anew", async () => {
  const told = follow();
  socket(0).onmessage?.({ data: '{"version":3}' });
  await vi.advanceTimersByTimeAsync(10_100);
  expect(told.trouble).toBe(1);
  await vi.advanceTimersByTimeAsync(1100);
  expect(FakeSocket.made.length).toBe(2);
});

// What other tests have begun still follows: these look at their own only.
const socketsOf = (url: string) => FakeSocket.made.filter((each) => each.url.endsWith(url));
const eventsOf = (url: string) => FakeEvents.made.filter((each) => each.url === url);

test("a hidden page has no events", async () => {
  const told = follow("/hidden");
  socketsOf("/hidden")[0]?.onclose?.();
  eventsOf("/hidden")[0]?.onmessage?.({ data: '{"version":3}' });
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(eventsOf("/hidden").map(({ closed }) => closed)).toEqual([true]);
  expect(told.ways.at(-1)).toBe("poll");
  hidden.mockRestore();
  document.dispatchEvent(new Event("visibilitychange"));
  expect(socketsOf("/hidden").length).toBe(2);
});

test("of two pages without sockets one has events, the other polls until the place is free", async () => {
  const waiting: (() => void)[] = [];
  let held = false;
  const request = async (_: string, __: unknown, hold: () => Promise<void>) => {
    await undefined; // never at once
    if (held) await new Promise<void>((next) => waiting.push(next));
    held = true;
    await hold();
    held = false;
    waiting.shift()?.();
  };
  vi.stubGlobal("navigator", { locks: { request } });
  const urls = ["/one", "/other"] as const;
  const told = urls.map((url) => follow(url));
  for (const url of urls) socketsOf(url)[0]?.onclose?.();
  await vi.advanceTimersByTimeAsync(10);
  expect(urls.map((url) => eventsOf(url).length)).toEqual([1, 0]);
  eventsOf("/one")[0]?.onmessage?.({ data: '{"version":3}' });
  expect(told.map(({ ways }) => ways.at(-1))).toEqual(["events", "poll"]);
  // The first has a socket again, and needs the place no more.
  eventsOf("/one")[0]?.onerror?.();
  await vi.advanceTimersByTimeAsync(1_100);
  socketsOf("/one")[1]?.onmessage?.({ data: '{"version":4}' });
  await vi.advanceTimersByTimeAsync(10);
  expect(told[0]?.ways.at(-1)).toBe("socket");
  expect(eventsOf("/other").length).toBe(1);
});
