/** Shows what the server pushes: JSON {title, body, url, kind}. A tap leads to the guest's own page. */

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    // A message we cannot read still has to show something: browsers take the permission away otherwise.
  }
  const { title = "Tallyline", body = "", url = "/", kind = "" } = message;
  event.waitUntil(
    self.registration.showNotification(title, {
      body,
      data: { url },
      icon: "/static/img/icon-192.png",
      // A newer message about the same place replaces the older one, and rings again.
      tag: `tallyline.${url}`,
      renotify: true,
      requireInteraction: kind === "called",
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url));
});

/** Focuses the page that is open already, or opens it; only ever a page of ours. */
async function open(address) {
  const home = new URL("/", self.location.origin);
  let url = home;
  try {
    url = new URL(address, self.location.origin);
  } catch {
    // no address
  }
  if (url.origin !== home.origin) url = home;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find(
    (page) => new URL(page.url).pathname.replace(/\/ticket$/, "") === url.pathname.replace(/\/ticket$/, ""),
  );
  if (there) return there.focus();
  return self.clients.openWindow(url.href);
}
