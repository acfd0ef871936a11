/**
 * "The worm": yes minus no over time, on a canvas. Animated between two ticks, when visible and motion is not reduced.
 *
 * Colours and font come from the canvas's style: --yes, --no, --rule, --soft, font-size, font-family.
 */
import { between, type Frame, frameOf } from "./frame";
import { Picture, type Style } from "./picture";
import type { Tick } from "./ticks";

const TICK_MS = 1000;
// After a gap the newest tick is shown without animation.
const LONGEST_GLIDE_S = 3;
const LEAST_PX_PER_S = 0.5;

export class Worm {
  readonly #canvas: HTMLCanvasElement;
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  #ticks: readonly Tick[] = [];
  #zoomS = Infinity;
  #style: Style | null = null;
  #start: Frame | null = null;
  #goal: Frame | null = null;
  #startedAt = 0;
  #request = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#restyle()).observe(canvas);
    for (const setting of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(setting).addEventListener("change", () => this.#restyle());
    }
  }

  /** Draws these ticks, oldest first; glides to the newest within a second. */
  draw(ticks: readonly Tick[]): void {
    const before = this.#frameAt(performance.now());
    this.#ticks = ticks;
    if (ticks.length) this.#go(before, frameOf(ticks, this.#zoomS));
  }

  /** Shows only the last `seconds`; Infinity: all. */
  zoom(seconds: number): void {
    this.#zoomS = seconds;
    if (this.#ticks.length) this.#go(null, frameOf(this.#ticks, seconds));
  }

  #go(start: Frame | null, goal: Frame): void {
    const glides =
      start !== null &&
      !this.#still.matches &&
      !document.hidden &&
      goal.head - start.head <= LONGEST_GLIDE_S &&
      this.#canvas.clientWidth / (goal.to - goal.from) >= LEAST_PX_PER_S;
    this.#start = glides ? start : goal;
    this.#goal = goal;
    this.#startedAt = performance.now();
    this.#next();
  }

  #frameAt(now: number): Frame | null {
    if (!this.#start || !this.#goal) return null;
    return between(this.#start, this.#goal, Math.min(Math.max((now - this.#startedAt) / TICK_MS, 0), 1));
  }

  #restyle(): void {
    this.#style = null;
    this.#next();
  }

  #next(): void {
    cancelAnimationFrame(this.#request);
    this.#request = requestAnimationFrame((now) => {
      this.#paint(now);
      if (this.#start !== this.#goal && now - this.#startedAt < TICK_MS) this.#next();
    });
  }

  #paint(now: number): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const frame = this.#frameAt(now);
    const pen = this.#canvas.getContext("2d");
    if (!width || !height || !frame || !pen) return;
    const ratio = devicePixelRatio || 1;
    const size = [Math.round(width * ratio), Math.round(height * ratio)] as const;
    if (this.#canvas.width !== size[0] || this.#canvas.height !== size[1]) {
      [this.#canvas.width, this.#canvas.height] = size;
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.#style ??= styleOf(this.#canvas);
    new Picture(pen, this.#style, frame, width, height).paint(this.#ticks);
  }
}

/** The computed colours: a canvas cannot use CSS variables. */
function styleOf(canvas: HTMLCanvasElement): Style {
  const style = getComputedStyle(canvas);
  const colour = (name: string) => {
    canvas.style.color = `var(${name})`;
    return style.color;
  };
  return {
    font: `${style.fontSize} ${style.fontFamily}`,
    size: Number.parseFloat(style.fontSize),
    yes: colour("--yes"),
    no: colour("--no"),
    rule: colour("--rule"),
    soft: colour("--soft"),
  };
}
