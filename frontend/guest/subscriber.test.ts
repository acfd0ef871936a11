import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Subscriber } from "./subscriber";

const KEY = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4";
const WANTED = { sessionId: "s", partyId: "p", language: "en" };

let status: number;
let rows: Set<string>;
let known: PushSubscription | null;
let made: number;
let asked: string[];

const bytes = (key: string) => Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));

async function server(path: string, options: RequestInit): Promise<Response> {
  asked.push(path);
  if (status !== 200) return new Response("{}", { status });
  const body = JSON.parse(String(options.body ?? "{}"));
  if (path.endsWith("subscribe")) rows.add(body.subscription.endpoint);
  return Response.json({ publicKey: KEY, subscribed: rows.has(body.endpoint) });
}

beforeEach(() => {
  [status, rows, known, made, asked] = [200, new Set(), null, 0, []];
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
  expect([made, asked]).toEqual([0, []]);
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
