/**
 * Tells the host of no-shows by the clock: their number is in the tab's title until they are put back or dismissed, and the device
 * rings and vibrates if the host has switched that on.
 */
import { Alarm, wakeOnReturn } from "../guest/alarm";

export class Watch {
  readonly #alarm: Alarm;
  readonly #title = document.title;
  readonly #button = document.querySelector<HTMLButtonElement>("[data-watch-sound]");
  #lapsed: number | undefined;

  constructor(alarm?: Alarm) {
    this.#alarm = alarm ?? new Alarm({ changed: () => this.#show() });
    wakeOnReturn(this.#alarm);
    const card = document.querySelector<HTMLElement>("[data-watch]");
    if (card) card.hidden = false;
    this.#button?.addEventListener("click", () => void this.#toggle());
  }

  /** Updates title and alarm from the shown list. */
  look(list: HTMLElement): void {
    const lapsed = Number(list.dataset.lapsed) || 0;
    const title = lapsed ? `(${lapsed}) ${this.#title}` : this.#title;
    if (document.title !== title) document.title = title;
    // No alarm for no-shows that the page showed when it was opened.
    if (lapsed > (this.#lapsed ?? lapsed) && this.#alarm.sound !== "off") this.#alarm.start();
    if (!lapsed) this.#alarm.stop();
    this.#lapsed = lapsed;
  }

  async #toggle(): Promise<void> {
    const button = this.#button;
    if (!button) return;
    try {
      if (this.#alarm.sound === "ready" && !this.#alarm.hasJustWoken) {
        this.#alarm.stop();
        this.#alarm.switchOff();
      } else await this.#alarm.switchOn();
    } catch {
      button.disabled = true; // no sound on this device
    }
    this.#show();
  }

  /** Shows "on" only while sound can be heard: it ends e.g. when the tablet is locked. */
  #show(): void {
    const button = this.#button;
    if (!button) return;
    const on = this.#alarm.sound === "ready";
    button.ariaPressed = String(on);
    for (const [name, shown] of [
      ["on", on],
      ["off", !on],
    ] as const) {
      const words = button.querySelector<HTMLElement>(`[data-sound-${name}]`);
      if (words) words.hidden = !shown;
    }
  }
}
