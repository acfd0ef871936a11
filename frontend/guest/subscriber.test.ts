import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Subscriber } from "./subscriber";

const KEY = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4";
const WANTED = { sessionId: "s", partyId: "p", language: "en" };

let status: number;
let rows: Set<string>;
let known: PushSubscription | null;
let made: number;
let asked: string[];
let wanted: boolean;
let arrived: boolean | null;

const bytes = (key: string) => Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));

async function server(path: string, options: RequestInit): Promise<Response> {
  asked.push(path);
  if (status !== 200) return new Response("{}", { status });
  const body = JSON.parse(String(options.body ?? "{}"));
  if (path.endsWith("subscribe")) rows.add(body.subscription.endpoint);
  wanted ||= rows.size > 0;
  return Response.json({ publicKey: KEY, subscribed: rows.has(body.endpoint), wanted, arrived });
}

beforeEach(() => {
  [status, rows, known, made, asked, wanted, arrived] = [200, new Set(), null, 0, [], false, null];
  localStorage.clear();
  const pushManager = {
    getSubscription: async () => known,
    subscribe: async () => {
      made += 1;
      const unsubscribe = async () => {
        known = null;
      };
      const options = { applicationServerKey: bytes(KEY).buffer };
      known = { endpoint: `https://push.example/${made}`, unsubscribe, options } as unknown as PushSubscription;
      return known;
    },
  };
  const registration = { pushManager };
  const serviceWorker = {
    ready: Promise.resolve(registration),
    register: async () => registration,
    getRegistration: async () => registration,
  };
  vi.stubGlobal("navigator", { serviceWorker, onLine: true });
  vi.stubGlobal("Notification", { permission: "granted" });
  vi.stubGlobal("fetch", vi.fn(server));
});

afterEach(() => vi.unstubAllGlobals());

test("who was promised nothing is asked, and nothing is subscribed", async () => {
  expect(await new Subscriber(WANTED).check()).toBe("never");
  expect([made, asked]).toEqual([0, ["/api/push/status"]]);
});

test("a promise holds while browser and server say so, also after a reload", async () => {
  await new Subscriber(WANTED).subscribe();
  expect(await new Subscriber(WANTED).check()).toBe("on");
  expect(made).toBe(1);
});

test("what the server has and this page has forgotten is told all the same", async () => {
  await new Subscriber(WANTED).subscribe();
  localStorage.clear();
  expect(await new Subscriber(WANTED).check()).toBe("on");
});

test("what this browser has lost with all its memory is made again, for the server knows that it was wanted", async () => {
  await new Subscriber(WANTED).subscribe();
  localStorage.clear();
  known = null;
  expect(await new Subscriber(WANTED).check()).toBe("on");
  expect(rows.has("https://push.example/2")).toBe(true);
  localStorage.clear();
  vi.stubGlobal("Notification", { permission: "denied" });
  expect(await new Subscriber(WANTED).check()).toBe("blocked");
});

test.each([
  [true, "proven"],
  [false, "unsure"],
  [null, "on"],
])("a newest message whose arrival is %s is said", async (known, found) => {
  await new Subscriber(WANTED).subscribe();
  arrived = known;
  expect(await new Subscriber(WANTED).check()).toBe(found);
});

test("an address that the browser has changed is replaced for all lines, though this page never knew it", async () => {
  const shared = new Map([["/push/endpoint", new Response("https://push.example/before")]]);
  vi.stubGlobal("caches", {
    open: async () => ({
      match: async (url: string) => shared.get(url)?.clone(),
      put: async (url: string, kept: Response) => shared.set(url, kept),
    }),
  });
  wanted = true;
  expect(await new Subscriber(WANTED).check()).toBe("on");
  expect(asked).toContain("/api/push/renew");
  expect(await shared.get("/push/endpoint")?.text()).toBe("https://push.example/1");
});

test("an address that the server has dropped is replaced, and other lines are told of the new one", async () => {
  const subscriber = new Subscriber(WANTED);
  await subscriber.subscribe();
  rows.clear();
  expect(await subscriber.check()).toBe("on");
  expect([...rows]).toEqual(["https://push.example/2"]);
  expect(asked).toContain("/api/push/renew");
});

test("a second line of the same phone keeps the address", async () => {
  await new Subscriber(WANTED).subscribe();
  await new Subscriber({ ...WANTED, partyId: "q" }).subscribe();
  expect(made).toBe(1);
  expect(asked).not.toContain("/api/push/renew");
});

test.each([429, 500, 503])("a server that answers %d says nothing of notifications", async (answered) => {
  const subscriber = new Subscriber(WANTED);
  await subscriber.subscribe();
  status = answered;
  expect(await subscriber.check()).toBe("checking");
  status = 200;
  expect(await subscriber.check()).toBe("on");
});

test("a place that takes no subscription any more has none", async () => {
  const subscriber = new Subscriber(WANTED);
  await subscriber.subscribe();
  rows.clear();
  status = 404;
  expect(await subscriber.check()).toBe("failed");
});

test.each([
  ["denied", "blocked"],
  ["default", "lost"],
])("a permission that became %s is shown", async (permission, found) => {
  const subscriber = new Subscriber(WANTED);
  vi.stubGlobal("Notification", { permission });
  expect(await subscriber.check()).toBe("never");
  vi.stubGlobal("Notification", { permission: "granted" });
  await subscriber.subscribe();
  vi.stubGlobal("Notification", { permission });
  expect(await subscriber.check()).toBe(found);
});
