import { afterEach, expect, test, vi } from "vitest";
import { notify, resubscribe } from "./push";

afterEach(() => vi.unstubAllGlobals());

test("messages of two lines stand beside each other; newer ones of one line replace the older", async () => {
  const shown: NotificationOptions[] = [];
  const registration = { showNotification: async (_: string, options: NotificationOptions) => shown.push(options) };
  const say = (url: string, kind: string) =>
    notify(
      { registration } as unknown as ServiceWorkerGlobalScope,
      {
        json: () => ({ title: "t", url, kind }),
      } as unknown as PushMessageData,
    );
  await say("/queue/ABC234/ticket", "called");
  await say("/queue/ABC234/ticket", "removed");
  await say("/queue/XYZ567/ticket", "a kind of later");
  const tags = shown.map(({ tag }) => tag);
  expect(tags[0]).toBe(tags[1]);
  expect(tags[2]).not.toBe(tags[0]);
});

test("a subscription that the browser has replaced is renewed at the server, and the pages look", async () => {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (path: string, options: RequestInit) => {
    if (options.body) sent.push([path, JSON.parse(String(options.body)).endpoint]);
    return Response.json({ publicKey: "BNcR" });
  });
  const told: unknown[] = [];
  const worker = {
    registration: { pushManager: { subscribe: async () => ({ endpoint: "https://push.example/new" }) } },
    clients: { matchAll: async () => [{ postMessage: (what: unknown) => told.push(what) }] },
  } as unknown as ServiceWorkerGlobalScope;
  const oldSubscription = { endpoint: "https://push.example/old" } as PushSubscription;
  await resubscribe(worker, { oldSubscription } as never);
  expect(sent).toEqual([["/api/push/renew", "https://push.example/old"]]);
  await resubscribe(worker, { oldSubscription: null } as never);
  expect([sent.length, told.length]).toEqual([1, 2]);
});
