/** Waits and times in words; waits rounded as queues/pages/words.py rounds them. The patterns come with the page, in its language. */
const HOURS_FROM_MIN = 90;
const MINUTE = 60_000;
const STEPS = [5, 10, 15, 30];

const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** A range of milliseconds, e.g. "20–30 min". */
export function waitRange(patterns, lowMs, highMs) {
  if (highMs <= 0) return patterns.now;
  let high = Math.ceil(highMs / MINUTE);
  const width = high - Math.floor(lowMs / MINUTE);
  const far = high <= 30 ? 1 : high <= 120 ? 5 : 15;
  const step = Math.max(far, ...STEPS.filter((each) => 2 * each <= width));
  const low = Math.floor((lowMs + (step * MINUTE) / 2) / (step * MINUTE)) * step;
  high = Math.ceil(high / step) * step;
  if (low <= 0) return fill(patterns.upTo, { high: duration(patterns, high) });
  if (low >= high) return duration(patterns, high);
  if (high <= HOURS_FROM_MIN) return fill(patterns.minutes, { low, high });
  return fill(patterns.range, { low: duration(patterns, low), high: duration(patterns, high) });
}

/** Whole minutes, e.g. "45 min", "2 h 15 min". */
export function duration(patterns, minutes) {
  if (minutes <= HOURS_FROM_MIN) return fill(patterns.min, { n: minutes });
  const n = minutes % 60;
  return fill(n ? patterns.hMin : patterns.h, { h: Math.floor(minutes / 60), n });
}

/** How long ago, in the page's language, e.g. "5 seconds ago". */
export function ago(seconds) {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto", style: "short" });
  return seconds < 60 ? words.format(-Math.round(seconds), "second") : words.format(-Math.floor(seconds / 60), "minute");
}

/** Time left, e.g. "1:05"; "0:00" when it is over. */
export function countdown(ms) {
  const seconds = Math.max(Math.ceil(ms / 1000), 0);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Times that the server wrote in its own zone, in the reader's. */
export function localTimes(within = document) {
  for (const node of within.querySelectorAll("time[data-local]")) {
    const time = new Date(node.dateTime);
    const long = Math.abs(time - Date.now()) > 12 * 3_600_000;
    node.textContent = time.toLocaleString(document.documentElement.lang || undefined, {
      ...(long && { day: "numeric", month: "short" }),
      hour: "2-digit",
      minute: "2-digit",
      ...(node.dataset.local === "seconds" && { second: "2-digit" }),
    });
  }
}
