/** Shows what the server pushes: JSON {title, body, url, kind}. A tap leads to the guest's own page. */
import { bytes, currentKey, moveTo } from "../shared/subscription";

interface Message {
  title?: string;
  body?: string;
  url?: string;
  kind?: string;
}

/** Shows a message, also one that cannot be read: browsers take the permission away otherwise. */
export function notify(worker: ServiceWorkerGlobalScope, data: PushMessageData | null): Promise<void> {
  let message: Message = {};
  try {
    message = (data?.json() as Message | null) ?? {};
  } catch {
    // shown without words
  }
  const { title = "Tallyline", body = "", url = "/", kind = "" } = message;
  const options: NotificationOptions & { renotify: boolean } = {
    body,
    data: { url },
    icon: "/static/img/icon-192.png",
    // A newer message about the same place replaces the older one, and rings again.
    tag: `tallyline.${url}`,
    renotify: true,
    requireInteraction: kind === "called",
  };
  return worker.registration.showNotification(title, options);
}

/** What browsers say when they have dropped or replaced a subscription by themselves (Push API, 11.3). */
export interface SubscriptionChange extends ExtendableEvent {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}

/** Subscribes anew where the browser has not, has the messages sent there, and lets open pages look whether that went well. */
export async function resubscribe(worker: ServiceWorkerGlobalScope, change: SubscriptionChange): Promise<void> {
  const { oldSubscription: before } = change;
  try {
    const { pushManager } = worker.registration;
    const now =
      change.newSubscription ??
      (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(await currentKey()) }));
    if (before && before.endpoint !== now.endpoint) await moveTo(now, before.endpoint);
  } catch {
    // the permission was taken back, or no network: the pages say it
  }
  for (const page of await worker.clients.matchAll({ type: "window", includeUncontrolled: true }))
    page.postMessage("pushsubscriptionchange");
}

/** Focuses the page that is open already, or opens it; only ever a page of ours. */
export async function openFrom(worker: ServiceWorkerGlobalScope, address: unknown): Promise<void> {
  const home = new URL("/", worker.location.origin);
  let url = home;
  try {
    url = new URL(String(address ?? ""), worker.location.origin);
  } catch {
    // no address
  }
  if (url.origin !== home.origin) url = home;
  const place = ({ pathname }: URL) => pathname.replace(/\/ticket$/, "");
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => place(new URL(page.url)) === place(url));
  await (there ? there.focus() : worker.clients.openWindow(url.href));
}
