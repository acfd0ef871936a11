import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Poll } from "./polling";

const EVERY_MS = 10_000;
let asked: { url: string; etag: string | null }[] = [];
let answers: (() => Response)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5); // exactly everyMs
  asked = [];
  answers = [];
  vi.stubGlobal("fetch", async (url: string, { headers }: { headers: Record<string, string> }) => {
    asked.push({ url, etag: headers["if-none-match"] ?? null });
    const answer = answers.shift();
    if (!answer) throw new TypeError("no network");
    return answer();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const news = (etag: string) => () => new Response("{}", { headers: { etag } });
const same = () => new Response(null, { status: 304 });
const broken = () => new Response(null, { status: 503 });

function follow(onNews: (answer: Response) => void | Promise<void> = () => {}) {
  const told = { seen: 0, trouble: 0 };
  const poll = new Poll({
    url: "/line",
    everyMs: EVERY_MS,
    onNews,
    onSeen: () => {
      told.seen += 1;
    },
    onTrouble: () => {
      told.trouble += 1;
    },
  });
  return { poll, told };
}

test("asks with the ETag it was given, and reads only news", async () => {
  answers = [news('"1"'), same, news('"2"')];
  const read: (string | null)[] = [];
  const { poll, told } = follow((answer) => void read.push(answer.headers.get("etag")));
  await vi.advanceTimersByTimeAsync(3 * EVERY_MS);
  poll.stop();
  expect(asked.map(({ etag }) => etag)).toEqual([null, '"1"', '"1"']);
  expect(read).toEqual(['"1"', '"2"']);
  expect(told).toEqual({ seen: 3, trouble: 0 });
});

test("after failures it waits ever longer, up to a minute, and tells", async () => {
  answers = [broken, broken];
  const { poll, told } = follow();
  const times: number[] = [];
  const start = Date.now();
  for (let before = 0; times.length < 5; ) {
    await vi.advanceTimersByTimeAsync(1000);
    if (asked.length > before) times.push(Math.round((Date.now() - start) / 1000));
    before = asked.length;
  }
  poll.stop();
  expect(times).toEqual([10, 30, 70, 130, 190]);
  expect(told).toEqual({ seen: 0, trouble: 5 });
});

test("news that could not be read come again", async () => {
  answers = [news('"1"'), news('"1"')];
  let reads = 0;
  const { poll, told } = follow(() => {
    reads += 1;
    if (reads === 1) throw new Error("half an answer");
  });
  await vi.advanceTimersByTimeAsync(EVERY_MS + 2 * EVERY_MS);
  poll.stop();
  expect(asked.map(({ etag }) => etag)).toEqual([null, null]);
  expect(told).toEqual({ seen: 1, trouble: 1 });
});

test("asks at once when the network returns, but not twice in a moment", async () => {
  answers = [same, same];
  const { poll } = follow();
  dispatchEvent(new Event("online"));
  dispatchEvent(new Event("focus"));
  await vi.advanceTimersByTimeAsync(100);
  poll.stop();
  expect(asked.length).toBe(1);
});

test("a network that returns while a try fails, or just after, is used at once and not after the long wait", async () => {
  const { poll, told } = follow();
  await vi.advanceTimersByTimeAsync(7 * EVERY_MS); // three failures: the next wait is 80 s, cut to a minute
  expect(asked.length).toBe(3);
  answers = [same];
  dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told.seen).toBe(1);

  let fail = () => {};
  answers = [
    () =>
      new Promise<Response>((_, reject) => {
        fail = () => reject(new TypeError("no network"));
      }) as never,
    same,
  ];
  poll.now();
  dispatchEvent(new Event("online"));
  fail();
  await vi.advanceTimersByTimeAsync(1_000);
  poll.stop();
  expect(told.seen).toBe(2);
});
