import { afterEach, beforeEach, expect, test } from "vitest";
import { type Move, Order, restore, step } from "./order";

const LINE = ["ana", "ben", "cem"];
const ROWS = LINE.map(
  (party, index) => `<li data-party="${party}" data-place="${index + 1}"><button data-grip>⠿</button></li>`,
);

let live: HTMLElement;
let order: Order;
let sent: Move[];
let over: number;

beforeEach(() => {
  document.body.innerHTML = `<div class="waiting-list"><ol>${ROWS.join("")}</ol></div>`;
  live = document.body;
  sent = [];
  over = 0;
  const send = async (move: Move) => sent.push(move) > 0;
  order = new Order(
    live,
    send,
    () => {},
    () => {
      over += 1;
    },
  );
  order.arm();
});

afterEach(() => order.giveUp());

const pointer = (type: string, y: number, buttons = 1) =>
  new PointerEvent(type, {
    bubbles: true,
    cancelable: true,
    clientX: 5,
    clientY: y,
    button: 0,
    buttons,
    pointerType: "mouse",
  });
const parties = () => [...live.querySelectorAll<HTMLElement>("li")].map((row) => row.dataset.party);

/** Takes a row by its grip and moves it; the library begins to drag a moment later. */
async function drag(party: string): Promise<void> {
  live.querySelector(`[data-party=${party}] [data-grip]`)?.dispatchEvent(pointer("pointerdown", 50));
  await new Promise((done) => setTimeout(done));
  document.dispatchEvent(pointer("pointermove", 40));
  document.dispatchEvent(pointer("pointermove", 30));
  await expect.poll(() => order.dragging).toBe(true);
  const row = live.querySelector(`li[data-party=${party}]:not(.sortable-drag)`);
  if (row) row.parentElement?.prepend(row);
}

const SIGNS: [string, () => void][] = [
  ["a window that loses the focus", () => window.dispatchEvent(new Event("blur"))],
  ["Escape", () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }))],
  ["a mouse that moves with no button down", () => document.dispatchEvent(pointer("pointermove", 20, 0))],
  [
    "a page that is hidden",
    () => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
      document.dispatchEvent(new Event("visibilitychange"));
      Reflect.deleteProperty(document, "hidden");
    },
  ],
];

test.each(SIGNS)("%s ends a drag at once: nothing is sent, nothing of it stays", async (_, sign) => {
  await drag("cem");
  expect(parties()).not.toEqual(LINE);
  sign();
  expect(order.dragging).toBe(false);
  expect(parties()).toEqual(LINE);
  expect(document.querySelector("[class*=sortable]")).toBeNull();
  expect([sent, over]).toEqual([[], 1]);
});

test("what ends no drag is no news", () => {
  for (const [, sign] of SIGNS) sign();
  expect(over).toBe(0);
});

test("the order that the server gave", () => {
  const list = live.querySelector("ol") as HTMLElement;
  list.append(list.firstElementChild as HTMLElement);
  expect(parties()).toEqual(["ben", "cem", "ana"]);
  restore(live);
  expect(parties()).toEqual(LINE);
});

test("one place up or down, behind the party that is there then", () => {
  expect(step(LINE, "cem", -1)).toEqual({ party: "cem", place: 2, behind: "ana" });
  expect(step(LINE, "ben", -1)).toEqual({ party: "ben", place: 1, behind: "" });
  expect(step(LINE, "ana", 1)).toEqual({ party: "ana", place: 2, behind: "ben" });
  expect(step(LINE, "ben", 1)).toEqual({ party: "ben", place: 3, behind: "cem" });
});

test("not past the ends", () => {
  expect(step(LINE, "ana", -1)).toBeNull();
  expect(step(LINE, "cem", 1)).toBeNull();
});
