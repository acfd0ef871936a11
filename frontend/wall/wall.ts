/** Common to all walls: a full-screen button, and a wake lock. */
import "../shared/begin";

const button = document.querySelector<HTMLButtonElement>("[data-full-screen]");

if (button && document.fullscreenEnabled) {
  const enter = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  });
  document.addEventListener("fullscreenchange", () => {
    button.textContent = document.fullscreenElement ? (button.dataset.leave ?? "") : enter;
  });
}

/** The lock ends whenever the page is hidden. Browsers have none on plain HTTP, and refuse it on a low battery. */
async function stayAwake(): Promise<void> {
  try {
    if (!document.hidden) await navigator.wakeLock?.request("screen");
  } catch {
    // The screen turns off as usual.
  }
}
document.addEventListener("visibilitychange", () => void stayAwake());
void stayAwake();
