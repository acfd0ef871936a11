/** Shows push messages, JSON {title, body, url, kind, receipt}, and sends their receipts. A tap opens the guest's page. */
import { ask, bytes, currentKey, keepEndpoint, keptEndpoint, moveTo, NoAnswer } from "../shared/subscription";

interface Message {
  title?: string;
  body?: string;
  url?: string;
  kind?: string;
  receipt?: string;
}

// Waits before the tries to send a receipt (ms); a browser stops a worker after half a minute.
const RECEIPT_TRIES_MS = [0, 1_000, 5_000];
/** The name of the background sync that tells the server of a changed address. */
export const MOVED_TAG = "tallyline-push-moved";

/** Shows a message, also an unreadable one: browsers revoke the permission of silent pushes. */
export async function notify(worker: ServiceWorkerGlobalScope, data: PushMessageData | null): Promise<void> {
  let message: Message = {};
  try {
    message = (data?.json() as Message | null) ?? {};
  } catch {
    // shown without text
  }
  const { title = "Tallyline", body = "", url = "/", kind = "", receipt = "" } = message;
  const options: NotificationOptions & { renotify: boolean } = {
    body,
    data: { url },
    icon: "/static/img/icon-192.png",
    // A newer message about the same place replaces the older one, and rings again.
    tag: `tallyline.${url}`,
    renotify: true,
    requireInteraction: kind === "called",
  };
  // Only what is shown has arrived: without permission the browser rejects this.
  await worker.registration.showNotification(title, options);
  if (receipt) await acknowledge(receipt);
}

/** Tells the server that a message is shown. A refusal, or no answer in the end, changes nothing here. */
async function acknowledge(receipt: string): Promise<void> {
  for (const wait of RECEIPT_TRIES_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      await ask("/api/push/received", { receipt });
      return;
    } catch (problem) {
      if (!(problem instanceof NoAnswer)) return;
    }
  }
}

/** The event of a browser that dropped or replaced a subscription (Push API, 11.3). */
export interface SubscriptionChange extends ExtendableEvent {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}

/** Subscribes again if the browser did not, tells the server, and makes open pages check the result. */
export async function resubscribe(worker: ServiceWorkerGlobalScope, change: SubscriptionChange): Promise<void> {
  try {
    // Not every browser says what was there before.
    const before = change.oldSubscription?.endpoint;
    if (before && !(await keptEndpoint())) await keepEndpoint(before);
    await moved(worker, change.newSubscription);
  } catch (problem) {
    // No permission: open pages show it. No network: once it is back, where the browser has background sync.
    if (problem instanceof NoAnswer) await later(worker);
  }
  for (const page of await worker.clients.matchAll({ type: "window", includeUncontrolled: true }))
    page.postMessage("pushsubscriptionchange");
}

/** Tells the server the address of this browser, where it has another one or none any more. Rejects with NoAnswer. */
export async function moved(worker: ServiceWorkerGlobalScope, known?: PushSubscription | null): Promise<void> {
  const { pushManager } = worker.registration;
  const before = await keptEndpoint();
  const now =
    known ??
    (await pushManager.getSubscription()) ??
    (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(await currentKey()) }));
  if (!before || before === now.endpoint) return;
  await moveTo(now, before);
  await keepEndpoint(now.endpoint);
}

async function later(worker: ServiceWorkerGlobalScope): Promise<void> {
  const { sync } = worker.registration as { sync?: { register(tag: string): Promise<void> } };
  await sync?.register(MOVED_TAG).catch(() => {});
}

/** Focuses an open page, or opens one; same-origin only. */
export async function openFrom(worker: ServiceWorkerGlobalScope, address: unknown): Promise<void> {
  const home = new URL("/", worker.location.origin);
  let url = home;
  try {
    url = new URL(String(address ?? ""), worker.location.origin);
  } catch {
    // not a URL
  }
  if (url.origin !== home.origin) url = home;
  const place = ({ pathname }: URL) => pathname.replace(/\/ticket$/, "");
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  // A phone may keep several tickets of a line.
  const shows = (page: URL) => place(page) === place(url) && (!url.search || page.search === url.search);
  const there = pages.find((page) => shows(new URL(page.url)));
  await (there ? there.focus() : worker.clients.openWindow(url.href));
}
