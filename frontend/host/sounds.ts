/**
 * The console is heard: joins, parties that ask for more time, parties that are late. What is played is chosen per device. The tab's
 * title, and the badge of an installed page, count the parties that wait for the host, and who joined while nobody looked.
 */
import { wakeOnReturn } from "../guest/alarm";
import { all, write } from "../shared/dom";
import {
  type Choice,
  carriedOver,
  choiceOf,
  GAINS,
  heard,
  type Kind,
  type Marks,
  marksOf,
  melody,
  wanting,
} from "./heard";
import { Speaker } from "./speaker";

const KEY = "sounds";
const VIBRATION_MS = [300, 150, 300];

export class Sounds {
  readonly #speaker: Speaker;
  readonly #title = document.title;
  #choice: Choice;
  #shown: string | undefined; // the list's attribute, as last looked at
  #marks: Marks | null = null;
  #unseen = 0;

  /** The page's settings (templates/host/_sounds.html) may be missing. */
  constructor(makeAudio?: () => AudioContext) {
    this.#speaker = new Speaker(() => this.#show(), makeAudio);
    this.#choice = choiceOf(stored());
    wakeOnReturn({ wake: () => void (this.#choice.volume !== "off" && this.#speaker.wake()) });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.#unseen = 0;
      this.#count();
    });
    for (const settings of all("[data-sounds]")) {
      settings.hidden = false;
      settings.addEventListener("change", (event) => this.#chosen(event.target as HTMLInputElement));
    }
    this.#show();
  }

  /** Compares the shown list with the one before: plays what happened, and counts. What it says at first was seen on opening. */
  look(list: HTMLElement): void {
    if (list.dataset.marks === this.#shown) return;
    this.#shown = list.dataset.marks;
    const marks = marksOf(this.#shown);
    if (!marks) return;
    const before = this.#marks;
    this.#marks = before ? carriedOver(before, marks) : marks;
    if (before) {
      if (document.hidden) this.#unseen += Math.max(0, marks.newest - before.newest);
      this.#play(heard(before, marks).filter((kind) => this.#choice.kinds.includes(kind)));
    }
    this.#count();
  }

  #play(kinds: Kind[]): void {
    const { volume } = this.#choice;
    if (volume === "off" || !kinds.length) return;
    const isHeard = this.#speaker.play(melody(kinds), GAINS[volume]);
    // Browsers log a vibration without a tap before it as an error.
    if (isHeard && kinds.includes("late")) navigator.vibrate?.(VIBRATION_MS);
  }

  #count(): void {
    const count = (this.#marks ? wanting(this.#marks) : 0) + this.#unseen;
    const title = count ? `(${count}) ${this.#title}` : this.#title;
    if (document.title !== title) document.title = title;
    // Only installed pages have a badge; elsewhere it is refused.
    if ("setAppBadge" in navigator) navigator.setAppBadge(count).catch(() => {});
  }

  /** A change in the settings: kept, and played, so that the host hears what they chose. The tap also lets the browser play. */
  #chosen({ name, value, checked }: HTMLInputElement): void {
    const { volume, kinds } = this.#choice;
    const isVolume = name === "volume";
    const others = kinds.filter((kind) => kind !== value);
    this.#choice = choiceOf(
      JSON.stringify(isVolume ? { volume: value, kinds } : { volume, kinds: checked ? [...others, value] : others }),
    );
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#choice));
    } catch {
      // Counts until the page is left.
    }
    const sample = isVolume
      ? this.#choice.kinds.slice(-1)
      : this.#choice.kinds.filter((kind) => checked && kind === value);
    if (this.#choice.volume !== "off") void this.#speaker.wake().then(() => this.#play(sample));
    this.#show();
  }

  /** Shows the choice, and whether it can be heard. */
  #show(): void {
    const { volume, kinds } = this.#choice;
    const state = volume === "off" ? "off" : this.#speaker.broken ? "none" : this.#speaker.blocked ? "blocked" : volume;
    for (const field of all<HTMLInputElement>("[data-sounds] :is([name=volume], [name=kind])")) {
      const isKind = field.name === "kind";
      // The default, too: what differs from it is text that was typed and not sent.
      field.checked = field.defaultChecked = isKind ? kinds.includes(field.value as Kind) : field.value === volume;
      if (isKind) field.disabled = volume === "off";
    }
    for (const words of all("[data-sound-state]")) write(words, words.dataset[state] ?? "");
    for (const words of all("[data-sound-when]")) words.hidden = words.dataset.soundWhen !== state;
  }
}

/** A browser that keeps nothing has nothing. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
