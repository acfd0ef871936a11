/** Shows push messages: JSON {title, body, url, kind}. A tap opens the guest's page. */
import { bytes, currentKey, moveTo } from "../shared/subscription";

interface Message {
  title?: string;
  body?: string;
  url?: string;
  kind?: string;
}

/** Shows a message, also an unreadable one: browsers revoke the permission of silent pushes. */
export function notify(worker: ServiceWorkerGlobalScope, data: PushMessageData | null): Promise<void> {
  let message: Message = {};
  try {
    message = (data?.json() as Message | null) ?? {};
  } catch {
    // shown without text
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

/** The event of a browser that dropped or replaced a subscription (Push API, 11.3). */
export interface SubscriptionChange extends ExtendableEvent {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}

/** Subscribes again if the browser did not, tells the server, and makes open pages check the result. */
export async function resubscribe(worker: ServiceWorkerGlobalScope, change: SubscriptionChange): Promise<void> {
  const { oldSubscription: before } = change;
  try {
    const { pushManager } = worker.registration;
    const now =
      change.newSubscription ??
      (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(await currentKey()) }));
    if (before && before.endpoint !== now.endpoint) await moveTo(now, before.endpoint);
  } catch {
    // no permission or no network: open pages show it
  }
  for (const page of await worker.clients.matchAll({ type: "window", includeUncontrolled: true }))
    page.postMessage("pushsubscriptionchange");
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
