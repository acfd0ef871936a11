/** Makes a called guest look up: vibration, and a sound if they asked for one. No file: three tones, made here. */

const TONES_HZ = [660, 880, 1100];
const TONE_S = 0.18;
const GAP_S = 0.06;
const ROUNDS = 4;
const ROUND_S = 2;
const VIBRATION_MS = [300, 150, 300, 150, 600];

type MakeAudio = () => AudioContext;

export class Alarm {
  #audio: AudioContext | undefined;
  #gain: GainNode | undefined;
  #lock: WakeLockSentinel | undefined;
  #going = false;
  readonly #makeAudio: MakeAudio;

  constructor(makeAudio: MakeAudio = () => new AudioContext()) {
    this.#makeAudio = makeAudio;
  }

  get soundOn(): boolean {
    return this.#audio !== undefined;
  }

  /** Only within a tap, else browsers keep it silent. One short tone says that it works. Throws where there is no sound. */
  async switchOn(): Promise<void> {
    const audio = this.#makeAudio();
    await audio.resume();
    this.#audio = audio;
    this.#ring([TONES_HZ[0] ?? 660], 1);
  }

  switchOff(): void {
    void this.#audio?.close();
    this.#audio = undefined;
  }

  /** The party is called. */
  start(): void {
    this.#going = true;
    navigator.vibrate?.(VIBRATION_MS);
    this.#ring(TONES_HZ, ROUNDS);
    void this.#keepAwake();
  }

  /** Answered, or not called any more. */
  stop(): void {
    if (!this.#going) return; // browsers note a vibration that nobody asked for as an error
    this.#going = false;
    navigator.vibrate?.(0);
    this.#gain?.disconnect();
    this.#gain = undefined;
    void this.#lock?.release();
    this.#lock = undefined;
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

  /** The countdown stays readable in the hand; a phone that does not let us just sleeps. */
  async #keepAwake(): Promise<void> {
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (this.#going) this.#lock = lock;
      else void lock?.release();
    } catch {
      // hidden, or low battery
    }
  }
}
