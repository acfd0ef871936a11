import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Alarm } from "./alarm";

/** As much of an AudioContext as rings. */
class FakeAudio {
  currentTime = 10;
  destination = {};
  closed = false;
  tones: { hertz: number; begin: number }[] = [];
  disconnected = 0;
  state = "suspended";
  /** What the browser says to resume(): a phone that has just been unlocked may wait for a tap. */
  lets = true;
  #told = () => {};
  addEventListener = (_: string, told: () => void) => {
    this.#told = told;
  };
  becomes(state: string): void {
    this.state = state;
    this.#told();
  }
  resume = async () => {
    if (this.lets) this.becomes("running");
  };
  close = async () => {
    this.closed = true;
    this.becomes("closed");
  };
  createGain = () => ({
    gain: { value: 1 },
    connect: () => {},
    disconnect: () => {
      this.disconnected += 1;
    },
  });
  createOscillator = () => {
    const tone = { frequency: { value: 0 }, connect: () => {}, stop: () => {} };
    return { ...tone, start: (begin: number) => this.tones.push({ hertz: tone.frequency.value, begin }) };
  };
}

let audio: FakeAudio;
let shaken: unknown[];
let released: number;
let locks: { released: boolean }[];

const made = (wanted = false) => new Alarm({ makeAudio: () => audio as unknown as AudioContext, wanted });

beforeEach(() => {
  audio = new FakeAudio();
  shaken = [];
  released = 0;
  locks = [];
  const release = async () => {
    released += 1;
  };
  const request = async () => {
    locks.push({ released: false });
    return Object.assign(locks.at(-1) as object, { release });
  };
  const wakeLock = { request };
  vi.stubGlobal("navigator", { vibrate: (pattern: unknown) => shaken.push(pattern), wakeLock });
});

afterEach(() => vi.unstubAllGlobals());

test("without a tap on sound a call only vibrates", () => {
  made().start();
  expect(shaken.length).toBe(1);
  expect(audio.tones).toEqual([]);
});

test("with sound a call rings, several rounds; switching it on rings once as a proof", async () => {
  const alarm = made();
  await alarm.switchOn();
  expect(alarm.sound).toBe("ready");
  expect(audio.tones.length).toBe(1);
  alarm.start();
  expect(audio.tones.length).toBe(1 + 12);
  expect(Math.max(...audio.tones.map(({ begin }) => begin))).toBeGreaterThan(10 + 6);
  alarm.switchOff();
  expect(audio.closed).toBe(true);
  expect(alarm.sound).toBe("off");
});

test("an answer ends sound, vibration and the wake lock, and only once", async () => {
  const alarm = made();
  await alarm.switchOn();
  alarm.stop();
  expect(shaken).toEqual([]);
  alarm.start();
  await Promise.resolve();
  const before = audio.disconnected;
  alarm.stop();
  alarm.stop();
  await Promise.resolve();
  expect(audio.disconnected).toBe(before + 1);
  expect(shaken.at(-1)).toBe(0);
  expect(shaken.length).toBe(2);
  expect(released).toBe(1);
});

test("where sound is not possible it stays off and says so", async () => {
  const makeAudio = () => {
    throw new Error("no audio");
  };
  const alarm = new Alarm({ makeAudio });
  await expect(alarm.switchOn()).rejects.toThrow();
  expect(alarm.sound).toBe("off");
});

test.each(["suspended", "interrupted"])("a sound that the phone has %s says so, and comes back", async (state) => {
  const alarm = made();
  await alarm.switchOn();
  audio.becomes(state);
  expect(alarm.sound).toBe("asleep");
  audio.lets = false; // seen again, but not touched yet
  alarm.wake();
  expect(alarm.sound).toBe("asleep");
  audio.lets = true;
  alarm.wake();
  expect(alarm.sound).toBe("ready");
});

test("a call that came while it could not ring rings as soon as it can, once, and not after an answer", async () => {
  const alarm = made();
  await alarm.switchOn();
  for (const answered of [false, true]) {
    audio.tones = [];
    audio.becomes("interrupted");
    audio.lets = false;
    alarm.start();
    expect(audio.tones).toEqual([]);
    if (answered) alarm.stop();
    audio.lets = true;
    alarm.wake();
    audio.becomes("running");
    expect(audio.tones.length).toBe(answered ? 0 : 12);
    alarm.stop();
  }
});

test("a page that was loaded anew is asleep until it is touched; one that was closed by the browser opens another", async () => {
  const alarm = made(true);
  expect(alarm.sound).toBe("asleep");
  alarm.wake();
  expect(alarm.sound).toBe("ready");
  audio.becomes("closed");
  expect(alarm.sound).toBe("asleep");
  audio = new FakeAudio();
  alarm.wake();
  expect(alarm.sound).toBe("ready");
});

test("the screen is kept awake anew when the page is seen again during a call", async () => {
  const alarm = made();
  alarm.start();
  await Promise.resolve();
  alarm.wake();
  expect(locks.length).toBe(1);
  for (const lock of locks) lock.released = true; // the page was hidden
  alarm.wake();
  await Promise.resolve();
  expect(locks.length).toBe(2);
  alarm.stop();
  alarm.wake();
  expect(locks.length).toBe(2);
});
