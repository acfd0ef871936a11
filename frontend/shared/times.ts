/** Times of day, written as core/times_of_day.py writes them: in the page's language and its clock. */
import { language } from "./labels";

export interface Told {
  /** The zone (IANA) whose clock it is; the reader's own by default. */
  zone?: string | undefined;
  seconds?: boolean;
  /** With day and month before it. */
  day?: boolean;
}

/**
 * Whether English times have 12 hours: on a page in such English, in a browser whose first language is such English. A page for everyone
 * is the same for all English (decision 0070).
 */
const has12Hours = (): boolean =>
  language() === "en" &&
  /^en\b/i.test(navigator.language) &&
  Boolean(new Intl.DateTimeFormat(navigator.language, { hour: "numeric" }).resolvedOptions().hour12);

/** Cached: creating an Intl format is slow, and a moving graph needs it in each frame. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** E.g. "19:30", or "7:30 PM" on a page whose language is English with 12 hours (core/languages.py: with_clock). `at`: ms since 1970. */
export function timeOfDay(at: number | Date, { zone, seconds = false, day = false }: Told = {}): string {
  const key = [language(), zone, seconds, day].join();
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(language(), {
      ...(has12Hours() ? { hour: "numeric", hourCycle: "h12" } : { hour: "2-digit", hourCycle: "h23" }),
      minute: "2-digit",
      ...(seconds && { second: "2-digit" }),
      ...(day && { day: "numeric", month: "short" }),
      ...(zone && { timeZone: zone }),
    });
    formats.set(key, format);
  }
  // Browsers differ in which space they write there.
  return format.format(at).replace(/\s(?=[AP]M$)/, "\u00a0");
}

/** Rewrites server-rendered times (in the venue's zone, or as spans) in the reader's zone. */
export function localTimes(within: ParentNode = document): void {
  for (const node of within.querySelectorAll<HTMLTimeElement>("time[data-local][datetime]")) {
    const time = new Date(node.dateTime);
    const day = Math.abs(time.getTime() - Date.now()) > 12 * 3_600_000;
    node.textContent = timeOfDay(time, { day, seconds: node.dataset.local === "seconds" });
    // Replaces the sentence that the server rendered without a time of day.
    const sentence = node.closest<HTMLElement>("[data-by-script]");
    if (!sentence?.hidden) continue;
    sentence.hidden = false;
    sentence.nextElementSibling?.remove();
  }
}
