import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Press } from "./press";

let over = 0;
let live: HTMLElement;
let press: Press;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  over = 0;
  document.body.innerHTML = "<div><button>Call</button></div>";
  live = document.querySelector("div") as HTMLElement;
  press = new Press(live, () => {
    over += 1;
  });
  // Another script that keeps the event for itself, as the one that drags rows does.
  for (const end of ["pointerup", "pointercancel", "touchend"])
    document.addEventListener(end, (event) => event.stopPropagation());
  live.firstChild?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
});

afterEach(() => void vi.useRealTimers());

test.each(["pointerup", "pointercancel", "lostpointercapture", "touchend", "touchcancel"])("%s ends a press", (end) => {
  expect(press.down).toBe(true);
  live.firstChild?.dispatchEvent(new Event(end, { bubbles: true }));
  expect(press.down).toBe(false);
  expect(over).toBe(1);
});

test("so does a window that loses the focus, a page that is hidden, a mouse that moves with no button down", () => {
  for (const [target, event] of [
    [window, new Event("blur")],
    [document, new Event("visibilitychange")],
    [live, Object.assign(new Event("pointermove", { bubbles: true }), { buttons: 0 })],
  ] as const) {
    live.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    expect(press.down).toBe(true);
    target.dispatchEvent(event);
    expect(press.down).toBe(false);
  }
});

test("a finger that moves is down; one whose end was never seen is not for ever", () => {
  live.dispatchEvent(Object.assign(new Event("pointermove", { bubbles: true }), { buttons: 1 }));
  expect(press.down).toBe(true);
  vi.advanceTimersByTime(5_000);
  expect(press.down).toBe(false);
});
