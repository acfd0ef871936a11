/**
 * Treats a double tap as one. After the first tap the list is replaced, and another party's button may lie under the finger: a
 * second tap at the same place within a moment is ignored.
 */
const WITHIN_MS = 600;
const NEAR_PX = 40;

export interface Tap {
  at: number;
  x: number;
  y: number;
}

export class Taps {
  #last: Tap = { at: -Infinity, x: 0, y: 0 };

  /** The last tap's action failed: the next tap counts at once. */
  forget(): void {
    this.#last = { at: -Infinity, x: 0, y: 0 };
  }

  /** Whether this tap repeats the one before. Clicks by keyboard are at (0, 0). */
  repeats(tap: Tap): boolean {
    const { at, x, y } = this.#last;
    this.#last = tap;
    return tap.at - at < WITHIN_MS && Math.hypot(tap.x - x, tap.y - y) < NEAR_PX;
  }
}
