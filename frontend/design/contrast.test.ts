import { expect, test } from "vitest";
import room from "../room/room.css?raw";
import tokens from "./tokens.css?raw";

/** WCAG 2: text 4.5, and 3 for large text, edges of controls and graphics. */
const TEXT = 4.5;
const GRAPHIC = 3;

/** Which colour stands on which. A page may put any text on paper and on a card. */
const PAIRS: [text: string, ground: string, least: number][] = [
  ...["ink", "soft", "accent", "danger", "call", "yes", "no"].flatMap((text): [string, string, number][] => [
    [text, "paper", TEXT],
    [text, "card", TEXT],
  ]),
  ["on-accent", "accent", TEXT],
  ["on-accent", "accent-strong", TEXT],
  ["on-call", "call", TEXT],
  ["paper", "ink", TEXT], // banner
  ["danger", "danger-soft", TEXT],
  ["call", "call-soft", TEXT],
  ["accent", "ok-soft", TEXT],
  ["accent-strong", "ok-soft", TEXT],
  ...["ok-soft", "notice", "rule", "call-soft"].map((ground): [string, string, number] => ["ink", ground, TEXT]),
  ["soft", "ok-soft", TEXT],
  ["on-say", "yes", TEXT],
  ["on-say", "no", TEXT],
  ["accent", "rule", TEXT], // a link in the top that is pointed at
  ["edge", "card", GRAPHIC],
  ["edge", "paper", GRAPHIC],
  ["accent", "notice", GRAPHIC], // focus
  ["edge", "rule", GRAPHIC], // a bar that does not lead
  ["accent", "rule", GRAPHIC],
];

/** Grounds and shades on which nothing is read. */
const UNREAD = ["shade", "shadow", "radius", "gap", "touch"];

type Rgb = [number, number, number];
const colours = new Map<string, [light: Rgb, dark: Rgb]>();
for (const [, name = "", light = "", dark = ""] of `${tokens}${room}`.matchAll(
  /--([\w-]+): light-dark\((#\w+), (#\w+)\);/g,
)) {
  colours.set(name, [rgb(light), rgb(dark)]);
}

function rgb(hex: string): Rgb {
  const long = hex.length === 4 ? hex.replace(/\w/g, "$&$&") : hex;
  return [1, 3, 5].map((at) => Number.parseInt(long.slice(at, at + 2), 16) / 255) as Rgb;
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  ) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

test("the arithmetic is WCAG's", () => {
  expect(contrast(rgb("#fff"), rgb("#000"))).toBeCloseTo(21);
  expect(contrast(rgb("#777"), rgb("#fff"))).toBeCloseTo(4.48, 2);
});

test.each(PAIRS)("%s on %s has a contrast of at least %d, by day and by night", (text, ground, least) => {
  const [one, other] = [colours.get(text), colours.get(ground)];
  if (!one || !other) throw new Error("no such colour");
  for (const theme of [0, 1] as const) {
    expect(contrast(one[theme], other[theme]), theme ? "dark" : "light").toBeGreaterThanOrEqual(least);
  }
});

test("no colour is left out", () => {
  const named = [...tokens.matchAll(/^ {2}--([\w-]+):/gm)].map(([, name]) => name ?? "");
  const looked = new Set<unknown>(PAIRS.flat());
  expect(named.filter((name) => !looked.has(name) && !UNREAD.includes(name))).toEqual([]);
});

const SHEETS = import.meta.glob<string>("../*/*.css", { query: "?raw", import: "default", eager: true });
/** Grounds without text: key squares, pictures, the shade behind a dialog. */
const WITHOUT_TEXT = /::before|::backdrop|\bimg$|\.worm-picture|\.tally/;

test("a rule that sets a ground sets the colour of what stands on it", () => {
  const bare: string[] = [];
  for (const [file, sheet] of Object.entries(SHEETS)) {
    const plain = sheet.replace(/\/\*[\s\S]*?\*\//g, "");
    for (const [, selector = "", body = ""] of plain.matchAll(/([^{}]*)\{([^{}]*)\}/g)) {
      const ground = /(?<![\w-])background(?:-color)?:\s*([^;]+)/.exec(body)?.[1]?.trim();
      if (!ground || ground === "none" || ground === "transparent" || WITHOUT_TEXT.test(selector.trim())) continue;
      if (!/(?<![\w-])color:/.test(body)) bare.push(`${file}: ${selector.trim()}`);
    }
  }
  expect(Object.keys(SHEETS).length).toBeGreaterThan(10);
  expect(bare).toEqual([]);
});
