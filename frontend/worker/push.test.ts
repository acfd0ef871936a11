import { afterEach, expect, test, vi } from "vitest";
import { MOVED_TAG, moved, notify, resubscribe } from "./push";

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

test("a receipt is sent once the message is shown, again where no answer came, and not for one that is not shown", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const happened: unknown[] = [];
  const answers = [503, 200];
  vi.stubGlobal("fetch", async (path: string, options: RequestInit) => {
    happened.push([path, JSON.parse(String(options.body)).receipt]);
    return new Response("ok", { status: answers.shift() ?? 200 });
  });
  let allowed = true;
  const showNotification = async () => {
    if (!allowed) throw new TypeError("no permission");
    happened.push("shown");
  };
  const worker = { registration: { showNotification } } as unknown as ServiceWorkerGlobalScope;
  const data = { json: () => ({ title: "t", receipt: "r.called.1.0.s" }) } as unknown as PushMessageData;
  const telling = notify(worker, data);
  await vi.runAllTimersAsync();
  await telling;
  const receipt = ["/api/push/received", "r.called.1.0.s"];
  expect(happened).toEqual(["shown", receipt, receipt]);
  allowed = false;
  await expect(notify(worker, data)).rejects.toThrow("no permission");
  expect(happened.length).toBe(3);
  vi.useRealTimers();
});

/** A worker of a browser that had this subscription, and what is asked of the server. */
function browser({ kept = "", answers = [] as number[] } = {}) {
  const sent: unknown[] = [];
  const told: unknown[] = [];
  const syncs: string[] = [];
  const shared = new Map(kept ? [["/push/endpoint", new Response(kept)]] : []);
  vi.stubGlobal("caches", {
    open: async () => ({
      match: async (url: string) => shared.get(url)?.clone(),
      put: async (url: string, response: Response) => shared.set(url, response),
    }),
  });
  vi.stubGlobal("fetch", async (path: string, options: RequestInit) => {
    if (options.body) sent.push([path, JSON.parse(String(options.body)).endpoint]);
    return Response.json({ publicKey: "BNcR" }, { status: answers.shift() ?? 200 });
  });
  let known: object | null = null;
  const pushManager = {
    getSubscription: async () => known,
    subscribe: async () => {
      known = { endpoint: "https://push.example/new" };
      return known;
    },
  };
  const worker = {
    registration: { pushManager, sync: { register: async (tag: string) => syncs.push(tag) } },
    clients: { matchAll: async () => [{ postMessage: (what: unknown) => told.push(what) }] },
  } as unknown as ServiceWorkerGlobalScope;
  return { worker, sent, told, syncs };
}

const RENEWED = ["/api/push/renew", "https://push.example/old"];

test("a subscription that the browser has replaced is renewed at the server, and the pages look", async () => {
  const { worker, sent, told } = browser();
  const oldSubscription = { endpoint: "https://push.example/old" } as PushSubscription;
  await resubscribe(worker, { oldSubscription } as never);
  await resubscribe(worker, { oldSubscription: null } as never);
  expect([sent, told.length]).toEqual([[RENEWED], 2]);
});

test("a browser that does not say which subscription it has dropped is renewed from what the server was told", async () => {
  const { worker, sent } = browser({ kept: "https://push.example/old" });
  await resubscribe(worker, { oldSubscription: null, newSubscription: null } as never);
  expect(sent).toEqual([RENEWED]);
});

test.each([[[503]], [[200, 503]]])("without an answer (%j) the server is told once there is one", async (answers) => {
  const { worker, sent, syncs, told } = browser({ kept: "https://push.example/old", answers });
  await resubscribe(worker, { oldSubscription: null } as never);
  expect([syncs, told.length]).toEqual([[MOVED_TAG], 1]);
  sent.length = 0;
  await moved(worker);
  await moved(worker);
  expect(sent).toEqual([RENEWED]);
});
