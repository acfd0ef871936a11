/** Alerts a called guest: vibration, and a sound if they switched it on. The sound is synthesised: three tones. */

const TONES_HZ = [660, 880, 1100];
const TONE_S = 0.18;
const GAP_S = 0.06;
const ROUNDS = 4;
const ROUND_S = 2;
const VIBRATION_MS = [300, 150, 300, 150, 600];

const JUST_MS = 1000;

type MakeAudio = () => AudioContext;

/** `asleep`: switched on, but the browser does not allow sound at this moment. */
export type Sound = "off" | "ready" | "asleep";

interface Options {
  makeAudio: MakeAudio;
  wanted: boolean;
  /** Called whenever `sound` may have changed. */
  changed: () => void;
}

export class Alarm {
  #audio: AudioContext | undefined;
  #gain: GainNode | undefined;
  #lock: WakeLockSentinel | undefined;
  #going = false;
  #wanted: boolean;
  #rang = false;
  #wokenAt = Number.NEGATIVE_INFINITY;
  readonly #makeAudio: MakeAudio;
  readonly #changed: () => void;

  /** `wanted`: sound was on before the reload; it is asleep until the next tap. */
  constructor({ makeAudio = () => new AudioContext(), wanted = false, changed = () => {} }: Partial<Options> = {}) {
    this.#makeAudio = makeAudio;
    this.#wanted = wanted;
    this.#changed = changed;
  }

  get sound(): Sound {
    if (!this.#wanted) return "off";
    // A locked phone suspends the context, iOS interrupts it: only a running one is heard.
    return this.#audio?.state === "running" ? "ready" : "asleep";
  }

  /** Whether a tap has just resumed the sound: the same tap must not switch it off. */
  get hasJustWoken(): boolean {
    return performance.now() - this.#wokenAt < JUST_MS;
  }

  /** Switches sound on; only within a tap, as browsers require. One short tone confirms it. Throws where there is no sound. */
  async switchOn(): Promise<void> {
    const audio = this.#open();
    this.#wanted = true;
    await audio.resume();
    if (!this.#going) this.#ring([TONES_HZ[0] ?? 660], 1);
  }

  switchOff(): void {
    this.#wanted = false;
    const audio = this.#audio;
    this.#audio = undefined;
    this.#changed();
    void audio?.close();
  }

  /** The page is visible again, or was touched: resumes sound and wake lock if the browser allows it. */
  wake(): void {
    if (this.#going && !document.hidden) void this.#keepAwake();
    if (!this.#wanted || this.sound === "ready") return;
    this.#wokenAt = performance.now();
    try {
      // Without a tap the browser may delay this until one; `statechange` tells when it runs.
      this.#open()
        .resume()
        .catch(() => {});
    } catch {
      this.switchOff(); // no sound on this device
    }
  }

  /** Rings: the party is called. */
  start(): void {
    this.#going = true;
    this.#rang = false;
    navigator.vibrate?.(VIBRATION_MS);
    this.#ringOnce();
    this.wake();
  }

  /** Stops: the call was answered or is over. */
  stop(): void {
    if (!this.#going) return; // browsers log a vibration without a user gesture as an error
    this.#going = false;
    navigator.vibrate?.(0);
    this.#gain?.disconnect();
    this.#gain = undefined;
    void this.#lock?.release();
    this.#lock = undefined;
  }

  /** The audio context; a new one if the browser has closed it. */
  #open(): AudioContext {
    if (this.#audio && this.#audio.state !== "closed") return this.#audio;
    const audio = this.#makeAudio();
    audio.addEventListener("statechange", () => {
      if (audio !== this.#audio) return;
      this.#ringOnce();
      this.#changed();
    });
    this.#audio = audio;
    return audio;
  }

  /** Plays only in a running context: a suspended one would play the queued tones when it resumes. */
  #ringOnce(): void {
    if (!this.#going || this.#rang || this.sound !== "ready") return;
    this.#rang = true;
    this.#ring(TONES_HZ, ROUNDS);
  }

  #ring(tones: number[], rounds: number): void {
    if (!this.#audio) return;
    const audio = this.#audio;
    const gain = audio.createGain();
    gain.gain.value = 0.4;
    gain.connect(audio.destination);
    this.#gain?.disconnect();
    this.#gain = gain;
    for (let round = 0; round < rounds; round += 1) {
      tones.forEach((hertz, index) => {
        const tone = audio.createOscillator();
        tone.frequency.value = hertz;
        tone.connect(gain);
        const begin = audio.currentTime + round * ROUND_S + index * (TONE_S + GAP_S);
        tone.start(begin);
        tone.stop(begin + TONE_S);
      });
    }
  }

  /** Keeps the screen on for the countdown, where allowed. Browsers release the lock of hidden pages. */
  async #keepAwake(): Promise<void> {
    if (this.#lock && !this.#lock.released) return;
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (this.#going && (!this.#lock || this.#lock.released)) this.#lock = lock;
      else void lock?.release();
    } catch {
      // hidden, or low battery
    }
  }
}

/** Resumes an alarm when the page is visible again or touched: after a locked phone, a frozen tab or a phone call. */
export function wakeOnReturn(alarm: { wake(): void }): void {
  const wake = () => alarm.wake();
  for (const event of ["visibilitychange", "resume"]) document.addEventListener(event, wake);
  for (const event of ["pageshow", "focus", "pointerup", "keydown"]) addEventListener(event, wake);
}
