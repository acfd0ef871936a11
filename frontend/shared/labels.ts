/** Waits and ages in words; waits in the numbers of queues/quotes/limits.py. The patterns come with the page, in its language. */
const HOURS_FROM_MIN = 90;
const MINUTE = 60_000;
/** Up to so many minutes, in steps of so many. */
const STEPS = [
  [60, 5],
  [180, 15],
  [720, 30],
] as const;
const LONGEST_MIN = 720;

/** The page's patterns for waits: `{low}–{high} min` and so on (queues/pages/labels.py: patterns). */
export type Patterns = Record<"now" | "unknown" | "upTo" | "minutes" | "range" | "min" | "h" | "hMin", string>;

/** The language the page is written in, for Intl. */
export const language = () => document.documentElement.lang || undefined;

/** Puts values in the place of their {names}. */
export const fill = (pattern: string, values: Record<string, string | number>) =>
  pattern.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));

/** The nearest number of minutes that people say. */
function saidMin(minutes: number): number {
  for (const [most, step] of STEPS) {
    if (minutes <= most + step / 2) return Math.min(most, Math.max(0, Math.floor(minutes / step + 0.5) * step));
  }
  return LONGEST_MIN;
}

/** A range in such numbers, at least one step wide. */
function rangeSaid(lowMin: number, highMin: number): [number, number] {
  const [low, high] = [saidMin(lowMin), saidMin(highMin)];
  if (low !== high) return [low, high];
  if (lowMin + highMin < 2 * low) return [low - (STEPS.find(([most]) => low <= most)?.[1] ?? 0), high];
  return [low, high + (STEPS.find(([most]) => high < most)?.[1] ?? 0)];
}

/** A range of milliseconds, e.g. "20–30 min"; or that it is not known yet. */
export function waitRange(patterns: Patterns, lowMs: number, highMs: number, unknown = false): string {
  if (unknown) return patterns.unknown;
  if (highMs <= 0) return patterns.now;
  const [low, high] = rangeSaid(lowMs / MINUTE, highMs / MINUTE);
  if (low <= 0) return fill(patterns.upTo, { high: duration(patterns, high) });
  if (low >= high) return duration(patterns, high);
  if (high <= HOURS_FROM_MIN) return fill(patterns.minutes, { low, high });
  return fill(patterns.range, { low: duration(patterns, low), high: duration(patterns, high) });
}

/** Whole minutes, e.g. "45 min", "2 h 15 min". */
export function duration(patterns: Patterns, minutes: number): string {
  if (minutes <= HOURS_FROM_MIN) return fill(patterns.min, { n: minutes });
  const n = minutes % 60;
  return fill(n ? patterns.hMin : patterns.h, { h: Math.floor(minutes / 60), n });
}

const AGES = { second: "s", minute: "min", hour: "h" } as const;

/** An age in whole units, rounded down, so that all wordings show the same number. */
function unitsOf(seconds: number): [number, keyof typeof AGES] {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return [Math.floor(seconds), "second"];
  return minutes < 120 ? [minutes, "minute"] : [Math.floor(minutes / 60), "hour"];
}

/** How long ago, in the page's language, e.g. "5 sec. ago". */
export function ago(seconds: number): string {
  const [value, unit] = unitsOf(seconds);
  return new Intl.RelativeTimeFormat(language() ?? "en", { numeric: "auto", style: "short" }).format(-value, unit);
}

/** How old something is, e.g. "5 sec". */
export function age(seconds: number): string {
  const [value, unit] = unitsOf(seconds);
  return new Intl.NumberFormat(language(), { style: "unit", unit }).format(value);
}

/** The same in brief for hosts, e.g. "40 s", "3 min". */
export function briefAge(seconds: number): string {
  const [value, unit] = unitsOf(seconds);
  return `${value} ${AGES[unit]}`;
}

/** A count, e.g. "1,234", as queues' and polls' pages write it (Django's intcomma). */
export const number = (count: number): string =>
  new Intl.NumberFormat(language(), { useGrouping: "always" }).format(count);

/** Whole percents, e.g. "33%" (polls/pages/labels.py: share). */
export const percent = (whole: number): string =>
  new Intl.NumberFormat(language(), { style: "percent" }).format(whole / 100);

/** Time left, e.g. "1:05"; "0:00" when it is over. */
export function countdown(ms: number): string {
  const seconds = Math.max(Math.ceil(ms / 1000), 0);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
