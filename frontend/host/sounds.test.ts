import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Marks } from "./heard";
import { Sounds } from "./sounds";

/** The browser's sound: suspended until it is resumed within a tap. */
class FakeAudio extends EventTarget {
  state = "suspended";
  currentTime = 0;
  destination = {};
  mayPlay = true;
  readonly started: number[] = [];
  readonly gains: number[] = [];
  async resume(): Promise<void> {
    if (!this.mayPlay) return;
    this.state = "running";
    this.dispatchEvent(new Event("statechange"));
  }
  createGain() {
    const gain = { setValueAtTime: () => {}, linearRampToValueAtTime: (to: number) => to && this.gains.push(to) };
    return { gain, connect: () => {} };
  }
  createOscillator() {
    const tone = { frequency: { value: 0 }, connect: () => {}, stop: () => {} };
    return { ...tone, start: () => this.started.push(tone.frequency.value) };
  }
}

const PANEL = readFileSync("../templates/host/_sounds.html", "utf8").replace(/\{[%#].*?[%#]\}/g, "");
const one = <T extends HTMLElement>(selector: string) => document.querySelector(selector) as T;
const list = (marks: Partial<Marks>): HTMLElement => {
  const node = document.createElement("div");
  node.dataset.marks = JSON.stringify({ newest: 7, asks: [], late: [], lapsed: 0, ...marks });
  return node;
};

let audio: FakeAudio;
const opened = (): Sounds => {
  audio = new FakeAudio();
  return new Sounds(() => audio as unknown as AudioContext);
};
const settled = () => new Promise((done) => setTimeout(done));
const tap = async () => {
  dispatchEvent(new Event("pointerup"));
  await settled();
};
const choose = async (value: string, checked = true) => {
  const field = one<HTMLInputElement>(`[value=${value}]`);
  field.checked = checked;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
};
const state = () => one("[data-sound-state]").textContent;

beforeEach(() => {
  localStorage.clear();
  document.title = "Friday dinner · host";
  document.body.innerHTML = PANEL;
});
afterEach(() => vi.restoreAllMocks());

test("nothing is heard before the first tap, and the page says so; then what happens is, once, and not what was there", async () => {
  const sounds = opened();
  expect(one("[data-sounds]").hidden).toBe(false);
  expect(state()).toBe("not yet");
  expect(one("[data-sound-when=blocked]").hidden).toBe(false);
  sounds.look(list({ late: [2] }));
  sounds.look(list({ late: [2], newest: 8 }));
  expect(audio.started).toEqual([]);
  await tap();
  expect(state()).toBe("soft");
  expect(one("[data-sound-when=blocked]").hidden).toBe(true);
  expect(audio.started).toEqual([]); // not what has passed
  sounds.look(list({ late: [2], newest: 9 }));
  sounds.look(list({ late: [2], newest: 9 }));
  expect(audio.started).toHaveLength(1);
  sounds.look(list({ late: [2, 3], newest: 9 }));
  expect(audio.started).toHaveLength(6);
});

test("a browser that refuses still, or again, is called so", async () => {
  opened();
  audio.mayPlay = false;
  await tap();
  expect(state()).toBe("not yet");
  audio.mayPlay = true;
  await tap();
  expect(state()).toBe("soft");
  audio.state = "suspended"; // a locked tablet
  audio.dispatchEvent(new Event("statechange"));
  expect(state()).toBe("not yet");
});

test("a device without sound is called so", async () => {
  new Sounds(() => {
    throw new Error("no sound on this device");
  });
  await choose("soft");
  expect(state()).toBe("none here");
});

test("what is chosen is heard at once, kept on the device, and only that is played", async () => {
  const sounds = opened();
  await choose("loud");
  expect(state()).toBe("loud");
  expect(audio.started).toHaveLength(1);
  const [loud] = audio.gains;
  await choose("joins", false);
  expect(audio.started).toHaveLength(1);
  sounds.look(list({}));
  sounds.look(list({ newest: 8 }));
  expect(audio.started).toHaveLength(1);
  await choose("soft");
  expect(audio.gains.at(-1)).toBeLessThan(loud ?? 0);
  const before = audio.started.length;
  await choose("off");
  expect(state()).toBe("off");
  expect(one<HTMLInputElement>("[value=late]").disabled).toBe(true);
  sounds.look(list({ newest: 8, late: [2] }));
  expect(audio.started).toHaveLength(before);
  document.body.innerHTML = PANEL;
  opened();
  expect(state()).toBe("off");
  expect(one<HTMLInputElement>("[value=joins]").checked).toBe(false);
});

test("title and badge count who waits for the host, and who joined while nobody looked", () => {
  const badge = vi.fn(async () => {});
  Object.defineProperty(navigator, "setAppBadge", { value: badge, configurable: true });
  const sounds = opened();
  sounds.look(list({ asks: [3], lapsed: 1 }));
  expect(document.title).toBe("(2) Friday dinner · host");
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  sounds.look(list({ asks: [3], lapsed: 1, newest: 9 }));
  expect(document.title).toBe("(4) Friday dinner · host");
  expect(badge).toHaveBeenLastCalledWith(4);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(document.title).toBe("(2) Friday dinner · host");
  sounds.look(list({ newest: 9 }));
  expect(document.title).toBe("Friday dinner · host");
  expect(badge).toHaveBeenLastCalledWith(0);
});

test("a page without the settings, and a list of another release, are no trouble", () => {
  document.body.innerHTML = "";
  opened().look(document.createElement("div"));
  expect(document.title).toBe("Friday dinner · host");
});
