/**
 * Whether a finger or a mouse button is down on the list. The end of a press may be missed: another script stops the event, the
 * window loses focus, the finger leaves the screen. So any sign of its end ends it, and so does a time-out.
 */
const LONGEST_MS = 5_000;
const ENDS = ["pointerup", "pointercancel", "lostpointercapture", "touchend", "touchcancel", "dragend"];

export class Press {
  #since: number | undefined;
  readonly #over: () => void;

  /** `over` follows each end of a press. */
  constructor(live: HTMLElement, over: () => void) {
    this.#over = over;
    live.addEventListener("pointerdown", () => {
      this.#since = performance.now();
    });
    // Captured: what a script below stops (the end of a drag) is seen first.
    for (const end of ENDS) addEventListener(end, () => this.end(), { capture: true });
    addEventListener("blur", () => this.end()); // the window's: those of its elements do not bubble
    document.addEventListener("visibilitychange", () => this.end());
    addEventListener("pointermove", ({ buttons }) => buttons || this.end(), { capture: true, passive: true });
  }

  get down(): boolean {
    return this.#since !== undefined && performance.now() - this.#since < LONGEST_MS;
  }

  end(): void {
    if (this.#since === undefined) return;
    this.#since = undefined;
    this.#over();
  }
}
