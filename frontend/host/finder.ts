/** Which waiting parties are shown, and in which order. All of it stays on this page: a name that is looked for is in no address. */
import { all, one, write } from "../shared/dom";

/** What is asked for. Empty means any. */
export interface Wanted {
  text: string;
  lanes: { from: number; to: number }[];
  marks: string[];
  section: string;
}

/** What a row says of its party. */
export interface Facts {
  ticket: string;
  name: string;
  note: string;
  size: number;
  marks: string[];
  section: string;
}

const ANY: Wanted = { text: "", lanes: [], marks: [], section: "" };

/** Without case and accents. */
const folded = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether the party is meant: each word is in its name or note, or begins its number. */
export function isMeant({ ticket, name, note }: Facts, text: string): boolean {
  const words = folded(text).split(/\s+/).filter(Boolean);
  const about = folded(`${name} ${note}`);
  return words.every((word) => about.includes(word) || ticket.startsWith(word.replace(/^#/, "")));
}

/** Whether the party is among those asked for: one of the sizes, all of the marks. */
export const fits = (party: Facts, { text, lanes, marks, section }: Wanted): boolean =>
  isMeant(party, text) &&
  (!lanes.length || lanes.some(({ from, to }) => party.size >= from && party.size <= to)) &&
  marks.every((mark) => party.marks.includes(mark)) &&
  (!section || party.section === section);

/** What the row says. `now` decides whether the party waits for longer than it was told. */
export function factsOf({ dataset }: HTMLElement, now: number, scale: number): Facts {
  const { ticket = "", name = "", note = "", size, section = "", joined, quoteHighMs } = dataset;
  const isOver = overBy(Number(joined), Number(quoteHighMs), now, scale) > 0;
  const marks = [...("way" in dataset ? ["way"] : []), ...(isOver ? ["over"] : [])];
  return { ticket, name, note, size: Number(size), section, marks };
}

/** By how much (ms) a party has waited longer than its quote; negative before; the least of all without a quote. */
export const overBy = (joined: number, quoteHighMs: number, now: number, scale: number): number =>
  quoteHighMs > 0 ? (now - joined) * scale - quoteHighMs : Number.NEGATIVE_INFINITY;

const press = (chip: HTMLElement, on: boolean) => chip.setAttribute("aria-pressed", String(on));

export class Finder {
  readonly #root = document.querySelector<HTMLElement>("[data-finder]");
  readonly #search = document.querySelector<HTMLInputElement>("#search");
  readonly #now: () => number;
  readonly #begun: () => void;

  /** `begun` is called when a host looks for something: all parties should be in the list. */
  constructor({ now, begun }: { now: () => number; begun: () => void }) {
    this.#now = now;
    this.#begun = begun;
    this.#search?.addEventListener("input", () => this.#changed());
    this.#search?.form?.addEventListener("submit", (event) => event.preventDefault());
    this.#root?.addEventListener("click", (event) => {
      const chip = (event.target as HTMLElement).closest<HTMLElement>(":is([data-from], [data-mark], [data-sort])");
      if (!chip) return;
      press(chip, chip.getAttribute("aria-pressed") !== "true");
      this.#changed();
    });
    this.#root?.addEventListener("change", () => this.#changed());
    document.addEventListener("click", (event) => {
      if ((event.target as HTMLElement).closest("[data-show-all]")) this.clear();
    });
  }

  clear(): void {
    if (this.#search) this.#search.value = "";
    for (const chip of this.#root ? all("[aria-pressed=true]", this.#root) : []) press(chip, false);
    const section = this.#root?.querySelector<HTMLSelectElement>("select");
    if (section) section.value = "";
    this.#changed();
  }

  /** Shows and sorts the rows of a list, which may be one that is not on the page yet. */
  apply(list: HTMLElement, called: HTMLElement | null): void {
    this.#offer(list);
    const wanted = this.#wanted();
    const scale = Number(list.dataset.scale) || 1;
    const now = this.#now();
    const rows = all(".waiting-list [data-party]", list);
    for (const row of rows) row.hidden = !fits(factsOf(row, now, scale), wanted);
    // Those who are called stay where they are: dimmed, when another one is looked for.
    for (const row of called ? all("[data-party]", called) : [])
      row.classList.toggle("is-not-meant", !isMeant(factsOf(row, now, scale), wanted.text));
    const isSorted = this.#isPressed("[data-sort]");
    const late = ({ dataset }: HTMLElement) => overBy(Number(dataset.joined), Number(dataset.quoteHighMs), now, scale);
    const place = ({ dataset }: HTMLElement) => Number(dataset.place);
    const ordered = [...rows].sort((a, b) => (isSorted && late(b) - late(a)) || place(a) - place(b));
    if (ordered.some((row, index) => row !== rows[index])) rows[0]?.parentElement?.append(...ordered);
    const isAny = JSON.stringify(wanted) === JSON.stringify(ANY);
    // A place in what is shown is no place in the line: rows are dragged only when all stand in their order.
    document.body.classList.toggle("is-filtered", !isAny || isSorted);
    const found = rows.filter((row) => !row.hidden).length;
    const none = list.querySelector<HTMLElement>("[data-none-found]");
    if (none) none.hidden = found > 0;
    if (this.#root) write(one("[data-found]", this.#root), isAny ? "" : `${found} of ${list.dataset.number}`);
  }

  #changed(): void {
    this.#begun();
    this.apply(one(".list"), document.querySelector("[data-part=called]"));
  }

  #wanted(): Wanted {
    if (!this.#root) return ANY;
    const pressed = (what: string) => all(`[${what}][aria-pressed=true]`, this.#root ?? document);
    return {
      text: this.#search?.value.trim() ?? "",
      lanes: pressed("data-from").map(({ dataset }) => ({
        from: Number(dataset.from),
        to: Number(dataset.to || Number.MAX_SAFE_INTEGER),
      })),
      marks: pressed("data-mark").map(({ dataset }) => dataset.mark ?? ""),
      section: this.#root.querySelector<HTMLSelectElement>("[data-section]")?.value ?? "",
    };
  }

  #isPressed(chip: string): boolean {
    return this.#root?.querySelector(chip)?.getAttribute("aria-pressed") === "true";
  }

  /** The sections that parties of the list wish for. */
  #offer(list: HTMLElement): void {
    const choice = this.#root?.querySelector<HTMLSelectElement>("select[data-section]");
    if (!choice) return;
    const sections = new Set(all("[data-party][data-section]", list).map(({ dataset }) => dataset.section ?? ""));
    const known = new Set([...choice.options].map((option) => option.value));
    for (const section of sections) if (!known.has(section)) choice.append(new Option(section, section));
    choice.hidden = choice.options.length < 2;
  }
}
