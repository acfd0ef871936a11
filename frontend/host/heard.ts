/** What a host hears of a line: pure, from what the list says of it before and after (queues/pages/marks.py). */
import type { Tone } from "./speaker";

/** Tickets: the newest that a guest took; those that ask for more time; those that are late; and how many the clock has ended. */
export interface Marks {
  newest: number;
  asks: number[];
  late: number[];
  lapsed: number;
}

/** The most urgent first. */
export const KINDS = ["late", "asks", "joins"] as const;
export type Kind = (typeof KINDS)[number];

export const VOLUMES = ["off", "soft", "loud"] as const;
export type Volume = (typeof VOLUMES)[number];

/** What this device plays. */
export interface Choice {
  volume: Volume;
  kinds: Kind[];
}

/** Of a device on which nothing was chosen. */
export const DEFAULT: Choice = { volume: "soft", kinds: [...KINDS] };

export const GAINS: Record<Exclude<Volume, "off">, number> = { soft: 0.15, loud: 0.7 };

const tones = (...hertz: number[]): Tone[] =>
  hertz.map((each, index) => ({ hertz: each, at: index * 0.2, lasts: 0.16 }));
/** Told apart without looking: one tone, two that rise, and five up and down. */
export const TONES: Record<Kind, Tone[]> = {
  joins: tones(660),
  asks: tones(660, 880),
  late: tones(988, 740, 988, 740, 988),
};
const PAUSE_S = 0.25;

/** The marks in the list's attribute; null when it has none, as in a page of another release. */
export function marksOf(json: string | undefined): Marks | null {
  return json ? (JSON.parse(json) as Marks) : null;
}

/** What has happened since, the most urgent first; each kind once. */
export function heard(before: Marks, after: Marks): Kind[] {
  const isNew = (was: number[], are: number[]) => are.some((ticket) => !was.includes(ticket));
  const happened: Record<Kind, boolean> = {
    late: isNew(before.late, after.late) || after.lapsed > before.lapsed,
    asks: isNew(before.asks, after.asks),
    joins: after.newest > before.newest,
  };
  return KINDS.filter((kind) => happened[kind]);
}

/** The marks of a list that has taken the place of another: the newest ticket counts also when its party has left since. */
export const carriedOver = (before: Marks, after: Marks): Marks => ({
  ...after,
  newest: Math.max(before.newest, after.newest),
});

/** How many parties wait for the host to do something about them. A late one that asks for more time is one. */
export const wanting = ({ asks, late, lapsed }: Marks): number => new Set([...asks, ...late]).size + lapsed;

/** The tones of these kinds, one kind after the other. */
export function melody(kinds: readonly Kind[]): Tone[] {
  let begin = 0;
  return kinds.flatMap((kind) => {
    const part = TONES[kind].map((tone) => ({ ...tone, at: tone.at + begin }));
    begin = Math.max(...part.map(({ at, lasts }) => at + lasts)) + PAUSE_S;
    return part;
  });
}

/** A choice as it was stored; DEFAULT for anything else. */
export function choiceOf(stored: string | null): Choice {
  try {
    const { volume, kinds } = JSON.parse(stored ?? "") as Partial<Choice>;
    if (volume && VOLUMES.includes(volume) && Array.isArray(kinds))
      return { volume, kinds: KINDS.filter((kind) => kinds.includes(kind)) };
  } catch {
    // Nothing stored, or by nobody we know.
  }
  return DEFAULT;
}
