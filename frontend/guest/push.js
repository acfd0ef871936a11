/** Notifications: explained first, asked for on a tap, and only where the browser can. */

const supported = () =>
  isSecureContext && "serviceWorker" in navigator && "PushManager" in window && Notification.permission !== "denied";

/** Shows the button inside `root`. `ids` are the `sessionId` and `partyId` that the subscription is for. */
export function offerPush(root, ids) {
  if (!supported()) return;
  const part = (name) => root.querySelector(`[data-push-${name}]`);
  const show = (...names) => {
    for (const name of ["ask", "explain", "on", "failed"]) part(name).hidden = !names.includes(name);
  };
  // What this tab has subscribed already; kept by ticket, so another place asks again.
  const kept = `tallyline.push.${ids.partyId}`;
  root.hidden = false;
  show(remembered(kept) && Notification.permission === "granted" ? "on" : "ask");
  part("ask").addEventListener("click", () => {
    show("explain");
    part("allow").focus();
  });
  part("not").addEventListener("click", () => show("ask"));
  part("allow").addEventListener("click", async () => {
    part("allow").disabled = true;
    try {
      await subscribe(ids);
      remember(kept);
      show("on");
    } catch {
      show("failed");
    } finally {
      part("allow").disabled = false;
    }
  });
}

async function subscribe(ids) {
  // Safari asks only within the tap itself, so the question comes before anything is fetched.
  if ((await Notification.requestPermission()) !== "granted") throw new Error("not granted");
  const [registration, answer] = await Promise.all([
    navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready),
    fetch("/api/push/vapid", { credentials: "omit" }),
  ]);
  const { publicKey } = await answer.json();
  if (!publicKey) throw new Error("no key");
  const key = bytes(publicKey);
  const known = await registration.pushManager.getSubscription();
  if (known && !same(known.options.applicationServerKey, key)) await known.unsubscribe();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const told = await fetch("/api/push/subscribe", {
    method: "POST",
    headers: { "content-type": "application/json" },
    credentials: "omit",
    body: JSON.stringify({ ...ids, subscription }),
  });
  if (!told.ok) throw new Error(`status ${told.status}`);
}

const bytes = (base64url) =>
  Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const same = (one, other) => one && new Uint8Array(one).every((byte, index) => byte === other[index]);

// Storage may be forbidden; then the button simply asks again after a reload.
function remember(key) {
  try {
    localStorage.setItem(key, "1");
  } catch {}
}

function remembered(key) {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}
