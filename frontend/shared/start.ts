/**
 * The gate of a live page's scripts, a classic script in its head, before anything else of them: old browsers must be able to read
 * it. It stands before a refresh and takes that away, which no script can later: it opens a comment, which the page itself ends.
 * So the page refreshes itself wherever this script did not arrive, or finds that the browser is too old (docs/browsers.md); and
 * where the page's own script does not start, the page is loaded once more, and that time goes without scripts.
 */
(() => {
  const root = document.documentElement;
  const own = document.currentScript as HTMLScriptElement;
  const seconds = Number(own.getAttribute("data-seconds"));
  // Of a page that came as the answer to a form, which must not be sent again.
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

  /** What our scripts need of a browser; tests delete each. */
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

  /** The page's own script has failed: what it hides is shown again, and a page that refreshes itself is loaded without scripts. */
  function giveUp(): void {
    if (root.getAttribute("data-scripts") !== "starting") return;
    root.removeAttribute("data-scripts");
    if (!seconds) return;
    try {
      sessionStorage.setItem(mark, "1");
      if (sessionStorage.getItem(mark)) loadAgain();
    } catch {
      setTimeout(loadAgain, seconds * 1000);
    }
  }

  if (isPlain() || !isNewEnough()) return;
  root.setAttribute("data-scripts", "starting");
  // Also of scripts that did not arrive (no bubbling), and of such as cannot be read.
  addEventListener(
    "error",
    ({ target }) => {
      if (target === window || (target as Element).nodeName === "SCRIPT") giveUp();
    },
    true,
  );
  setTimeout(giveUp, Math.max(seconds, 10) * 1000);
  if (seconds) document.write("<!--");
})();
