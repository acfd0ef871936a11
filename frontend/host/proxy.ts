/** The page /healthz/proxy: tests from this browser what a proxy may break, and shows each result. */
import { all, one, write } from "../shared/dom";

/** The verdict and what was seen. "note": it works, but could be better. */
type Found = ["ok" | "note" | "wrong", string];

const page = one("#proxy");
const PATIENCE_MS = 10_000;
const MOST_OFF_MS = 30_000;

const found = (good: boolean, seen: string): Found => [good ? "ok" : "wrong", seen];

/** The promise, rejected with a TypeError when it takes longer than PATIENCE_MS. */
const soon = <T>(promise: Promise<T>): Promise<T> =>
  Promise.race([
    promise,
    new Promise<T>((_, refuse) => setTimeout(() => refuse(new TypeError("No answer came in time")), PATIENCE_MS)),
  ]);

/** Sends the page's own form with `more` extra bytes. Like a form's, its request has an Origin under any Referrer-Policy. */
function send(more: number): Promise<Response> {
  const body = new URLSearchParams({
    csrfmiddlewaretoken: one<HTMLInputElement>("#proxy [name=csrfmiddlewaretoken]").value,
  });
  if (more) body.set("filler", "x".repeat(more));
  return fetch(location.pathname, {
    method: "POST",
    mode: "same-origin",
    headers: { accept: "application/json" },
    body,
  });
}

async function etag(): Promise<Found> {
  const first = await fetch("/healthz/proxy/tag", { cache: "no-store" });
  const tag = first.headers.get("etag");
  await first.arrayBuffer();
  if (!tag) return ["wrong", "The ETag did not arrive."];
  const again = await fetch("/healthz/proxy/tag", { cache: "no-store", headers: { "if-none-match": tag } });
  const coding = first.headers.get("content-encoding") ?? "not compressed";
  return found(again.status === 304, `${again.status} for ${tag}, ${coding}`);
}

const socket = (): Promise<Found> =>
  new Promise((done) => {
    const opened = new WebSocket(`${location.origin.replace("http", "ws")}/healthz/proxy/connect`);
    opened.onmessage = () => done(["ok", "A message came."]);
    opened.onclose = () => done(["wrong", "The connection was not made."]);
  });

// The server ends the stream only after PATIENCE_MS (config/probes.py): a message that a proxy holds back until then is too late.
const stream = (): Promise<Found> =>
  new Promise((done) => {
    const events = new EventSource("/healthz/proxy/stream");
    const say = (...result: Found) => {
      events.close();
      done(result);
    };
    events.onmessage = () => say("ok", "The first message came while the stream was open.");
    events.onerror = () => say("wrong", "The stream broke off.");
    setTimeout(() => say("wrong", "The first message was held back."), PATIENCE_MS - 500);
  });

function http(): Found {
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const version = visit?.nextHopProtocol || "unknown";
  return [/^h[23]/.test(version) ? "ok" : "note", version];
}

const CHECKS: Record<string, () => Found | Promise<Found>> = {
  origin: () =>
    found(
      page.dataset.ours === location.origin,
      `The browser is at ${location.origin}, Tallyline is asked for ${page.dataset.ours}.`,
    ),
  form: async () => {
    const answer = await send(0);
    return found(answer.ok && !answer.redirected, `A form was answered with ${answer.status}.`);
  },
  etag,
  socket,
  stream,
  http,
  body: async () => {
    const most = Number(page.dataset.most);
    const answer = await send(most);
    return found(answer.ok, `${Math.round(most / 1024)} KiB were answered with ${answer.status}.`);
  },
  clock: async () => {
    const began = performance.now();
    const { now } = await (await send(0)).json();
    const off = Date.now() - (performance.now() - began) / 2 - now;
    return found(
      Math.abs(off) < MOST_OFF_MS,
      `This device is ${Math.abs(Math.round(off / 1000))} s ${off < 0 ? "behind" : "ahead of"} the database.`,
    );
  },
};

async function run(row: HTMLElement): Promise<void> {
  let [verdict, seen]: Found = ["wrong", ""];
  try {
    [verdict, seen] = await soon(Promise.resolve(CHECKS[row.dataset.check ?? ""]?.() ?? ["wrong", ""]));
  } catch (problem) {
    seen = problem instanceof Error ? problem.message : "";
  }
  const tag = one("[data-verdict]", row);
  tag.classList.add(verdict === "ok" ? "tag-ok" : "tag-warn");
  write(tag, verdict);
  write(one("[data-seen]", row), seen);
  one("[data-advice]", row).hidden = verdict === "ok";
  row.dataset.done = verdict;
}

for (const row of all("[data-check]")) void run(row);
