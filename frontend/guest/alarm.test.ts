import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Alarm } from "./alarm";

/** As much of an AudioContext as rings. */
class FakeAudio {
  currentTime = 10;
  destination = {};
  closed = false;
  tones: { hertz: number; begin: number }[] = [];
  disconnected = 0;
  resume = async () => {};
  close = async () => {
    this.closed = true;
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

const made = () => new Alarm(() => audio as unknown as AudioContext);

beforeEach(() => {
  audio = new FakeAudio();
  shaken = [];
  released = 0;
  const release = async () => {
    released += 1;
  };
  const wakeLock = { request: async () => ({ release }) };
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
  expect(alarm.soundOn).toBe(true);
  expect(audio.tones.length).toBe(1);
  alarm.start();
  expect(audio.tones.length).toBe(1 + 12);
  expect(Math.max(...audio.tones.map(({ begin }) => begin))).toBeGreaterThan(10 + 6);
  alarm.switchOff();
  expect(audio.closed).toBe(true);
  expect(alarm.soundOn).toBe(false);
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
  const alarm = new Alarm(() => {
    throw new Error("no audio");
  });
  await expect(alarm.switchOn()).rejects.toThrow();
  expect(alarm.soundOn).toBe(false);
});
