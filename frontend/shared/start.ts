/**
 * The gate of a live page's scripts: a classic script in its head, written for old browsers. It precedes a <meta> refresh and disables
 * it by opening a comment that the page closes; no later script could. So the page refreshes itself when this script does not load
 * or finds the browser too old (docs/browsers.md). When the page's own script does not start, the page is reloaded once, without
 * scripts.
 */
(() => {
  const root = document.documentElement;
  const own = document.currentScript as HTMLScriptElement;
  const refreshes = own.hasAttribute("data-seconds");
  const seconds = Number(own.getAttribute("data-seconds"));
  // For a page that answers a form: a reload would submit it again.
  const address = own.getAttribute("data-address");
  const mark = `tallyline.plain ${location.pathname}`;

  /** Whether this is the page's second try. */
  function isPlain(): boolean {
    try {
      const plain = sessionStorage.getItem(mark) !== null;
      sessionStorage.removeItem(mark);
      return plain;
    } catch {
      return false;
    }
  }

  /** The features our scripts need; tests delete each. */
  function isNewEnough(): boolean {
    return [
      window.fetch,
      window.AbortSignal && AbortSignal.timeout,
      window.DOMParser,
      window.FormData,
      window.HTMLDialogElement && HTMLDialogElement.prototype.showModal,
      window.SubmitEvent && "submitter" in SubmitEvent.prototype,
      window.Intl && Intl.RelativeTimeFormat,
      window.Intl && Intl.NumberFormat,
      window.CSS && CSS.escape,
      window.crypto && crypto.getRandomValues,
      window.performance && performance.now,
      window.EventSource,
      window.WebSocket,
      Array.prototype.at,
      Array.prototype.flatMap,
      Promise.allSettled,
      Element.prototype.replaceChildren,
    ].every(Boolean);
  }

  const loadAgain = () => (address ? location.replace(address) : location.reload());

  /** The page's script has failed: shows what it hid, and reloads a page with a refresh without scripts. */
  function giveUp(): void {
    if (root.getAttribute("data-scripts") !== "starting") return;
    root.removeAttribute("data-scripts");
    if (!refreshes) return;
    try {
      sessionStorage.setItem(mark, "1");
      if (sessionStorage.getItem(mark)) loadAgain();
    } catch {
      setTimeout(loadAgain, seconds * 1000);
    }
  }

  if (isPlain() || !isNewEnough()) return;
  root.setAttribute("data-scripts", "starting");
  // Captured: errors of scripts that do not load or parse do not bubble.
  addEventListener(
    "error",
    ({ target }) => {
      if (target === window || (target as Element).nodeName === "SCRIPT") giveUp();
    },
    true,
  );
  setTimeout(giveUp, Math.max(seconds, 10) * 1000);
  if (refreshes) document.write("<!--");
})();
