/**
 * "The worm": yes minus no over time, on a canvas. Green above zero, red below; from the first tick to the last.
 *
 * Colours and font come from the canvas's style: --yes, --no, --rule, --soft, font-size, font-family.
 */
const LEAST_SPAN_S = 60; // a young graph grows from the left
const LEAST_REACH = 2;
const LEAST_SHARE = 0.25; // of the height, for the side on which nothing happens
const TIME_STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200];
const DOT = 5;

export const balance = ({ votes }) => votes.yes - votes.no;

/** A balance in words, e.g. "+5", "0", "−3". */
export const signed = (number) => (number > 0 ? `+${number}` : number < 0 ? `−${-number}` : "0");

export class Worm {
  #canvas;
  #ticks = [];
  #frame = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** Draws these ticks ({ts, votes: {yes, no}}, oldest first), or the same again, at the next frame. */
  draw(ticks = this.#ticks) {
    this.#ticks = ticks;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!width || !height) return;
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    const pen = this.#canvas.getContext("2d");
    pen.scale(ratio, ratio);
    if (this.#ticks.length) new Picture(pen, this.#ticks, getComputedStyle(this.#canvas), width, height).paint();
  }
}

/** One painting of the worm. */
class Picture {
  constructor(pen, ticks, style, width, height) {
    Object.assign(this, { pen, ticks, width, height });
    this.colour = (name) => style.getPropertyValue(name).trim();
    this.size = parseFloat(style.fontSize);
    pen.font = `${style.fontSize} ${style.fontFamily}`;
    pen.lineJoin = pen.lineCap = "round";
    this.#scale();
  }

  #scale() {
    const { ticks, width, height, size } = this;
    this.from = ticks[0].ts;
    this.to = Math.max(ticks.at(-1).ts, this.from + LEAST_SPAN_S);
    let [high, low] = [LEAST_REACH, -LEAST_REACH];
    for (const tick of ticks) {
      high = Math.max(high, balance(tick));
      low = Math.min(low, balance(tick));
    }
    this.high = Math.max(high, -low * LEAST_SHARE) * 1.08;
    this.low = Math.min(low, -high * LEAST_SHARE) * 1.08;
    const label = Math.max(...[high, low].map((each) => this.pen.measureText(signed(Math.round(each))).width));
    this.plot = { left: label + size, right: width - DOT - 4, top: Math.max(DOT + 2, 0.75 * size), bottom: height - 1.75 * size };
    const { left, right, top, bottom } = this.plot;
    this.x = (ts) => left + ((ts - this.from) / (this.to - this.from)) * (right - left);
    this.y = (value) => bottom - ((value - this.low) / (this.high - this.low)) * (bottom - top);
  }

  paint() {
    this.#paintHeights();
    this.#paintTimes();
    const { pen, plot, width, height } = this;
    const zero = this.y(0);
    const points = this.#points();
    const dense = this.ticks.length > plot.right - plot.left;
    for (const [name, top, bottom] of [["--yes", 0, zero - 1], ["--no", zero + 1, height]]) {
      pen.save();
      pen.beginPath();
      pen.rect(0, top, width, bottom - top);
      pen.clip();
      pen.fillStyle = pen.strokeStyle = this.colour(name);
      this.#path([[plot.left, zero], ...points, [points.at(-1)[0], zero]]);
      pen.globalAlpha = 0.2;
      pen.fill();
      pen.globalAlpha = 1;
      this.#path(points);
      pen.lineWidth = Math.max(2.5, this.size / 6) * (dense ? 0.6 : 1);
      pen.stroke();
      pen.restore();
    }
    this.#line(plot.left, zero, plot.right, zero, this.colour("--soft"), 2);
    const now = balance(this.ticks.at(-1));
    pen.beginPath();
    pen.arc(...points.at(-1), Math.max(DOT, this.size / 3), 0, 2 * Math.PI);
    pen.fillStyle = this.colour(now > 0 ? "--yes" : now < 0 ? "--no" : "--soft");
    pen.fill();
  }

  /** The ticks as points; where several share a column of the screen, its first, highest, lowest and last, in order. */
  #points() {
    const points = [];
    let column = [];
    const flush = () => {
      const highest = column.reduce((best, each) => (each[1] < best[1] ? each : best));
      const lowest = column.reduce((best, each) => (each[1] > best[1] ? each : best));
      points.push(...column.filter((each, at) => at === 0 || at === column.length - 1 || each === highest || each === lowest));
    };
    for (const tick of this.ticks) {
      const point = [this.x(tick.ts), this.y(balance(tick))];
      if (column.length && Math.floor(point[0]) !== Math.floor(column[0][0])) {
        flush();
        column = [];
      }
      column.push(point);
    }
    flush();
    return points;
  }

  #path(points) {
    this.pen.beginPath();
    for (const point of points) this.pen.lineTo(...point);
  }

  #line(x1, y1, x2, y2, colour, width = 1) {
    this.#path([[x1, y1], [x2, y2]]);
    this.pen.strokeStyle = colour;
    this.pen.lineWidth = width;
    this.pen.stroke();
  }

  /** Lines and numbers at round heights, zero among them. */
  #paintHeights() {
    const { pen, plot, size } = this;
    const most = Math.max((plot.bottom - plot.top) / (3 * size), 2);
    const rough = Math.max((this.high - this.low) / most, 1);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (let value = Math.ceil(this.low / step) * step; value <= this.high; value += step) {
      this.#line(plot.left, this.y(value), plot.right, this.y(value), this.colour("--rule"));
      pen.fillStyle = this.colour("--soft");
      pen.fillText(signed(value), plot.left - 0.5 * size, this.y(value));
    }
  }

  /** The time of day, in the reader's zone, at round times. */
  #paintTimes() {
    const { pen, plot, size, from, to } = this;
    const clock = (withSeconds) =>
      new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
        hour: "numeric",
        minute: "2-digit",
        ...(withSeconds && { second: "2-digit" }),
      });
    const stepFor = (words) => {
      const label = pen.measureText(words.format(from * 1000)).width + 1.5 * size;
      const atOnce = Math.max((plot.right - plot.left) / label, 1);
      return TIME_STEPS_S.find((each) => (to - from) / each <= atOnce) ?? TIME_STEPS_S.at(-1);
    };
    let words = clock(false);
    if (stepFor(words) < 60) words = clock(true);
    const step = stepFor(words);
    const zone = new Date(from * 1000).getTimezoneOffset() * 60;
    pen.textBaseline = "bottom";
    pen.textAlign = "center";
    pen.fillStyle = this.colour("--soft");
    for (let ts = Math.ceil((from - zone) / step) * step + zone; ts <= to; ts += step) {
      const text = words.format(ts * 1000);
      const half = pen.measureText(text).width / 2;
      this.#line(this.x(ts), plot.bottom, this.x(ts), plot.bottom + 4, this.colour("--soft"));
      pen.fillText(text, Math.min(Math.max(this.x(ts), half), this.width - half), this.height);
    }
  }
}
