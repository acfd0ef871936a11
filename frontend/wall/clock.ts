/** The time of day on a wall, in the venue's zone and as the page's language writes it; and the time by which parties are late. */
import { instant, ServerClock } from "../shared/clock";
import { write } from "../shared/dom";
import { timeOfDay } from "../shared/times";

const SHOWN = "[data-clock]";
const TIMEOUT_MS = 10_000;

/** The page's own time, anew: after the screen's computer has slept. */
async function ask(clock: ServerClock): Promise<void> {
  const asked = instant();
  const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector<HTMLElement>("[data-now]")?.dataset.now;
  if (!now) throw new Error("no time in the page");
  clock.learn(Number(now), asked);
}

/** The server's time; `eachSecond` is called with it. The page has it in data-now. */
export function wallClock(eachSecond: (now: number) => void = () => {}): ServerClock {
  const clock = new ServerClock(Number(document.querySelector<HTMLElement>("[data-now]")?.dataset.now));
  const tick = () => {
    const shown = document.querySelector<HTMLElement>(SHOWN);
    if (shown) write(shown, timeOfDay(clock.now(), { zone: shown.dataset.clock }));
    eachSecond(clock.now());
  };
  clock.keepRight(() => ask(clock));
  setInterval(tick, 1000);
  tick();
  return clock;
}
