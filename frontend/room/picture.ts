/** Draws the worm: green above zero, red below; heights at the left, time of day below. */
import { timeOfDay } from "../shared/times";
import { type Frame, heightStep, lineOf, type Point, thinned, timeStep } from "./frame";
import { signed, type Tick } from "./ticks";

export const DOT = 5;
const ROW = 1.75; // height of the row of times, in font sizes

/** Fonts and colours from the page's style. */
export interface Style {
  font: string;
  /** Font size in px. */
  size: number;
  yes: string;
  no: string;
  rule: string;
  soft: string;
}

export class Picture {
  readonly #pen: CanvasRenderingContext2D;
  readonly #style: Style;
  readonly #frame: Frame;
  readonly #width: number;
  readonly #height: number;
  readonly #plot: { left: number; right: number; top: number; bottom: number };

  constructor(pen: CanvasRenderingContext2D, style: Style, frame: Frame, width: number, height: number) {
    [this.#pen, this.#style, this.#frame, this.#width, this.#height] = [pen, style, frame, width, height];
    pen.font = style.font;
    pen.direction = "ltr";
    pen.lineJoin = pen.lineCap = "round";
    const { size } = style;
    const label = Math.max(...[frame.high, frame.low].map((each) => pen.measureText(signed(Math.round(each))).width));
    const dot = Math.max(DOT, size / 3);
    this.#plot = {
      left: label + size,
      right: width - dot - 4,
      top: Math.max(dot + 2, 0.75 * size),
      bottom: height - ROW * size,
    };
  }

  paint(ticks: readonly Tick[]): void {
    this.#paintHeights();
    this.#paintTimes();
    const { left, right } = this.#plot;
    const [pen, style, zero] = [this.#pen, this.#style, this.#y(0)];
    const all = lineOf(ticks, this.#frame).map(([ts, value]): Point => [this.#x(ts), this.#y(value)]);
    const points = thinned(all);
    const last = points.at(-1);
    if (!last || !points[0]) return;
    const dense = all.length > right - left;
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, this.#width - left, this.#height);
    pen.clip();
    for (const [colour, from, to] of [
      [style.yes, 0, zero - 1],
      [style.no, zero + 1, this.#height],
    ] as const) {
      pen.save();
      pen.beginPath();
      pen.rect(0, from, this.#width, Math.max(to - from, 0));
      pen.clip();
      pen.fillStyle = pen.strokeStyle = colour;
      this.#path([[points[0][0], zero], ...points, [last[0], zero]]);
      pen.globalAlpha = 0.2;
      pen.fill();
      pen.globalAlpha = 1;
      this.#path(points);
      pen.lineWidth = Math.max(2.5, style.size / 6) * (dense ? 0.6 : 1);
      pen.stroke();
      pen.restore();
    }
    pen.restore();
    this.#line([left, zero], [right, zero], style.soft, 2);
    pen.beginPath();
    pen.arc(...last, Math.max(DOT, style.size / 3), 0, 2 * Math.PI);
    pen.fillStyle = last[1] < zero - 0.5 ? style.yes : last[1] > zero + 0.5 ? style.no : style.soft;
    pen.fill();
  }

  #x(ts: number): number {
    const { from, to } = this.#frame;
    return this.#plot.left + ((ts - from) / (to - from)) * (this.#plot.right - this.#plot.left);
  }

  #y(value: number): number {
    const { low, high } = this.#frame;
    return this.#plot.bottom - ((value - low) / (high - low)) * (this.#plot.bottom - this.#plot.top);
  }

  #path(points: readonly Point[]): void {
    this.#pen.beginPath();
    for (const point of points) this.#pen.lineTo(...point);
  }

  #line(one: Point, other: Point, colour: string, width = 1): void {
    this.#path([one, other]);
    this.#pen.strokeStyle = colour;
    this.#pen.lineWidth = width;
    this.#pen.stroke();
  }

  /** Lines and numbers at round heights, zero among them. */
  #paintHeights(): void {
    const [pen, { size, rule, soft }, { low, high }] = [this.#pen, this.#style, this.#frame];
    const { left, right, top, bottom } = this.#plot;
    const step = heightStep(high - low, (bottom - top) / (3 * size));
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillStyle = soft;
    for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
      this.#line([left, this.#y(value)], [right, this.#y(value)], rule);
      pen.fillText(signed(value), left - 0.5 * size, this.#y(value));
    }
  }

  /** The time of day, in the reader's zone, at round times. */
  #paintTimes(): void {
    const [pen, { size, soft }, { from, to }] = [this.#pen, this.#style, this.#frame];
    const { left, right, bottom } = this.#plot;
    const told = (ts: number, seconds: boolean) => timeOfDay(ts * 1000, { seconds });
    const stepFor = (seconds: boolean) => {
      const label = pen.measureText(told(from, seconds)).width + 1.5 * size;
      return timeStep(to - from, (right - left) / label);
    };
    const seconds = stepFor(false) < 60;
    const step = stepFor(seconds);
    const zone = new Date(from * 1000).getTimezoneOffset() * 60;
    pen.textBaseline = "bottom";
    pen.textAlign = "center";
    pen.fillStyle = soft;
    for (let ts = Math.ceil((from - zone) / step) * step + zone; ts <= to; ts += step) {
      const text = told(ts, seconds);
      const half = pen.measureText(text).width / 2;
      this.#line([this.#x(ts), bottom], [this.#x(ts), bottom + 4], soft);
      pen.fillText(text, Math.min(Math.max(this.#x(ts), half), this.#width - half), this.#height);
    }
  }
}
