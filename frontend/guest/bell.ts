import { one } from "../shared/dom";
import { Alarm, wakeOnReturn } from "./alarm";
import { flag, setFlag } from "./flags";

/** The ticket's alarm, and the button that switches it on and off. The browser remembers the choice for the party. */
export class Bell {
  readonly alarm: Alarm;
  readonly #button = one<HTMLButtonElement>("[data-sound]");
  readonly #choice: string;

  constructor(party: string) {
    this.#choice = `tallyline.ring.${party}`;
    this.alarm = new Alarm({ wanted: flag(this.#choice), changed: () => this.show() });
    this.#button.addEventListener("click", () => void this.#switch());
    wakeOnReturn(this.alarm);
  }

  /** Shows the current state of the sound, which ends e.g. when the phone is locked. */
  show(): void {
    const { sound } = this.alarm;
    this.#button.ariaPressed = String(sound === "ready");
    for (const each of ["off", "ready", "asleep"]) one(`[data-sound-${each}]`, this.#button).hidden = sound !== each;
  }

  async #switch(): Promise<void> {
    try {
      if (this.alarm.sound === "ready" && !this.alarm.hasJustWoken) this.alarm.switchOff();
      else await this.alarm.switchOn();
    } catch {
      this.#button.remove(); // no sound on this device
    }
    setFlag(this.#choice, this.alarm.sound !== "off");
    this.show();
  }
}
