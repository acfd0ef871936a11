/**
 * Whether a finger or a mouse button is down on the list. The end of a press may be missed: another script stops the event, the
 * window loses focus, the finger leaves the screen. So each event that may mean its end ends it, and so does a time-out.
 */
const LONGEST_MS = 5_000;
const ENDS = ["pointerup", "pointercancel", "lostpointercapture", "touchend", "touchcancel", "dragend"];

export class Press {
  #since: number | undefined;
  readonly #over: () => void;

  /** `over` is called after each press. */
  constructor(live: HTMLElement, over: () => void) {
    this.#over = over;
    live.addEventListener("pointerdown", () => {
      this.#since = performance.now();
    });
    // In the capture phase: seen before another script stops the event (at the end of a drag).
    for (const end of ENDS) addEventListener(end, () => this.end(), { capture: true });
    addEventListener("blur", () => this.end()); // the window's; blur events of elements do not bubble
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
