/** Plays short tones, synthesised. Browsers allow none before the first tap or key on the page. */

export interface Tone {
  hertz: number;
  /** In seconds, from the beginning of the sound. */
  at: number;
  lasts: number;
}

const FADE_S = 0.015;

export class Speaker {
  #audio: AudioContext | undefined;
  #broken = false;
  readonly #makeAudio: () => AudioContext;
  readonly #changed: () => void;

  /** `changed`: called whenever `blocked` may have. */
  constructor(changed: () => void = () => {}, makeAudio: () => AudioContext = () => new AudioContext()) {
    this.#changed = changed;
    this.#makeAudio = makeAudio;
  }

  /** Whether nothing would be heard at this moment: only a running context is; a locked tablet suspends it. */
  get blocked(): boolean {
    return this.#audio?.state !== "running";
  }

  /** Whether this device has no sound at all. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Within a tap, or on return to the page: lets the browser play. Resolves when it does; a refusal shows in `blocked`. */
  async wake(): Promise<void> {
    if (this.#broken || !this.blocked) return;
    try {
      if (!this.#audio || this.#audio.state === "closed") {
        this.#audio = this.#makeAudio();
        this.#audio.addEventListener("statechange", this.#changed);
      }
      await this.#audio.resume();
    } catch {
      this.#broken = !this.#audio;
    }
    this.#changed();
  }

  /** Plays the tones now; `gain` from 0 to 1. While blocked nothing is played, and nothing later. Returns whether it is heard. */
  play(tones: readonly Tone[], gain: number): boolean {
    const audio = this.#audio;
    if (!audio || this.blocked) return false;
    for (const { hertz, at, lasts } of tones) {
      const begin = audio.currentTime + at;
      const level = audio.createGain();
      // Rises and falls: a tone that is cut off clicks.
      level.gain.setValueAtTime(0, begin);
      level.gain.linearRampToValueAtTime(gain, begin + FADE_S);
      level.gain.setValueAtTime(gain, begin + lasts - FADE_S);
      level.gain.linearRampToValueAtTime(0, begin + lasts);
      level.connect(audio.destination);
      const tone = audio.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(level);
      tone.start(begin);
      tone.stop(begin + lasts);
    }
    return true;
  }
}
