/** The page that shows all parts of the design: a worm of invented ticks, one more each second, and a dialog. */

import type { Tick } from "../room/ticks";
import { Worm } from "../room/worm";
import { one } from "../shared/dom";

const tick = (ts: number): Tick => ({
  ts,
  votes: { yes: Math.round(14 + 8 * Math.sin(ts / 20)), no: Math.round(13 + 4 * Math.cos(ts / 7)) },
});

const now = Math.floor(Date.now() / 1000);
const ticks = Array.from({ length: 180 }, (_, second) => tick(now - 180 + second));
const worm = new Worm(one<HTMLCanvasElement>("[data-design-worm]"));
worm.draw(ticks);
setInterval(() => {
  ticks.push(tick(Math.floor(Date.now() / 1000)));
  worm.draw(ticks);
}, 1000);

one("[data-open-dialog]").addEventListener("click", () => one<HTMLDialogElement>("[data-dialog]").showModal());
