/** A tick: the counts of a room at one second (rooms/ticks.py). */
export interface Tick {
  /** Whole seconds since 1970. */
  ts: number;
  votes: { yes: number; no: number };
}

/** Yes minus no: the height of the graph. */
export const balance = ({ votes }: Tick): number => votes.yes - votes.no;

/** A balance in words, e.g. "+5", "0", "−3". */
export const signed = (number: number): string => (number > 0 ? `+${number}` : number < 0 ? `−${-number}` : "0");

/** The index of the first tick after a second; the ticks are in order. */
export function firstAfter(ticks: readonly Tick[], ts: number): number {
  let [low, high] = [0, ticks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ticks[middle] as Tick).ts > ts) high = middle;
    else low = middle + 1;
  }
  return low;
}
