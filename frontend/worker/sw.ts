/**
 * The service worker of all pages: shows push messages, caches guest pages and their files, and sends the outbox when the network
 * is back (decision 0018). It caches nothing of hosts and nothing of the API.
 */
import {
  cleanupOutdatedCaches,
  type PrecacheEntry,
  PrecacheFallbackPlugin,
  precacheAndRoute,
} from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { NetworkFirst } from "workbox-strategies";
import { Outbox, SYNC_TAG } from "../poll/outbox";
import { MOVED_TAG, moved, notify, openFrom, resubscribe, type SubscriptionChange } from "./push";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: PrecacheEntry[] };

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

const PAGES = "tallyline-pages";
const MOST_PAGES = 30;
const PATIENCE_S = 3;
// The voting pages and the receipt, also below a line's address; the ticket.
const FOR_GUESTS = /^\/(queue\/\w{6}\/)?vote\/\w{6}(\/own|\/receipt)?$|^\/queue\/\w{6}\/ticket$/;
const COPIED_AT = "x-kept-at";
// Statuses by which a proxy says that the server is down.
const SERVER_DOWN = new Set([502, 503, 504]);

const isGuestPage = (url: URL) => url.origin === self.location.origin && FOR_GUESTS.test(url.pathname);

const pages = new NetworkFirst({
  cacheName: PAGES,
  networkTimeoutSeconds: PATIENCE_S,
  // Cookies and language, by which pages vary, are this phone's own: any copy is better than none.
  matchOptions: { ignoreVary: true },
  plugins: [
    {
      fetchDidSucceed: async ({ response }) => {
        if (SERVER_DOWN.has(response.status)) throw new Error(`status ${response.status}`);
        return response;
      },
      cacheWillUpdate: async ({ response }) => {
        if (response.status !== 200 || response.redirected) return null;
        const headers = new Headers(response.headers);
        headers.set(COPIED_AT, String(Date.now()));
        return new Response(response.body, { headers });
      },
      // A copy says that it is one (shared/offline_copy.ts).
      cachedResponseWillBeUsed: async ({ cachedResponse }) => {
        if (!cachedResponse) return null;
        const html = await cachedResponse.text();
        const since = Number(cachedResponse.headers.get(COPIED_AT));
        return new Response(html.replace("<html ", `<html data-kept="${since}" `), { headers: cachedResponse.headers });
      },
    },
    new PrecacheFallbackPlugin({ fallbackURL: "/offline" }),
  ],
});

/**
 * Fetches cached pages again, since a new build renames their scripts; and open ones, since the first page a guest opens loads
 * before its worker.
 */
async function renewPages(event: ExtendableEvent): Promise<void> {
  const cache = await caches.open(PAGES);
  const kept = await cache.keys();
  for (const old of kept.slice(0, -MOST_PAGES)) await cache.delete(old);
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const urls = new Set<string>();
  for (const { url } of [...kept.slice(-MOST_PAGES), ...open]) {
    const found = new URL(url);
    found.hash = "";
    if (isGuestPage(found)) urls.add(found.href);
  }
  await Promise.allSettled([...urls].map((url) => pages.handle({ event, request: new Request(url) })));
}

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
  event.waitUntil(renewPages(event));
});
cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST, { directoryIndex: undefined, cleanURLs: false });
registerRoute(
  ({ request, url }) =>
    isGuestPage(url) && (request.mode === "navigate" || request.headers.get("accept") === "text/html"),
  pages,
);

/** Rejects while a ballot is still pending: then the browser tries again. */
async function drain(): Promise<void> {
  const outbox = await Outbox.open();
  try {
    if (await outbox.drain()) throw new Error("ballots are pending");
  } finally {
    outbox.close();
  }
}

self.addEventListener("sync", (event) => {
  const { tag } = event as SyncEvent;
  if (tag === SYNC_TAG) (event as SyncEvent).waitUntil(drain());
  if (tag === MOVED_TAG) (event as SyncEvent).waitUntil(moved(self));
});
self.addEventListener("push", (event) => event.waitUntil(notify(self, event.data)));
self.addEventListener("pushsubscriptionchange", (event) =>
  (event as SubscriptionChange).waitUntil(resubscribe(self, event as SubscriptionChange)),
);
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openFrom(self, event.notification.data?.url));
});
