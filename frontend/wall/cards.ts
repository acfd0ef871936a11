/**
 * The called tickets on a line's wall: all of them, as large as fits. When they would be too small to read from afar they are shown
 * page by page; with reduced motion all at once and smaller. A phone scrolls.
 */
import { all, write } from "../shared/dom";
import { type Card, GAP, grid, newOnes, perPage } from "./layout";

const NEW_FOR_MS = 8_000;
/** The smallest height of digits, as a fraction of the screen's shorter side. */
const LEAST = 0.07;

export class CalledCards {
  readonly #list: HTMLElement;
  readonly #label: HTMLElement;
  readonly #announced: HTMLElement;
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #wide = matchMedia("(min-width: 52rem)");
  #page = 0;
  #pages = 1;
  #held = 1;
  #shown = "";
  #turning: ReturnType<typeof setInterval> | undefined;

  /**
   * `list` holds the cards and the time per page (data-turn-ms), `label` shows the page, `announced` is the live region for new
   * tickets.
   */
  constructor(list: HTMLElement, label: HTMLElement, announced: HTMLElement) {
    [this.#list, this.#label, this.#announced] = [list, label, announced];
    const again = () => this.#layOut();
    // The window's size, or that of the rest of the page: a banner that appears leaves less room.
    addEventListener("resize", again);
    const sizes = new ResizeObserver(again);
    for (const node of [document.body, list.parentElement]) if (node) sizes.observe(node);
    this.#still.addEventListener("change", again);
    void document.fonts.ready.then(again);
    again();
  }

  /**
   * Shows these tickets, in this order. Only new ones get a new card, which is animated; then the first page, which has them, is
   * shown.
   */
  show(shown: readonly Card[]): void {
    const key = JSON.stringify(shown);
    if (key === this.#shown) return; // a page that is shown stays for its time
    this.#shown = key;
    const tickets = shown.map(({ ticket }) => ticket);
    const cards = new Map(this.#cards.map((card) => [Number(card.dataset.ticket), card]));
    const fresh = newOnes(tickets, [...cards.keys()]);
    for (const [ticket, card] of cards) if (!tickets.includes(ticket)) card.remove();
    shown.forEach((each, index) => {
      const card = cards.get(each.ticket) ?? newCard(each.ticket);
      card.classList.toggle("is-late", each.late);
      label(card, "bdi", "ticket-caption", each.name);
      label(card, "span", "ticket-late", each.late ? (this.#list.dataset.late ?? "") : "");
      if (this.#list.children[index] !== card) this.#list.insertBefore(card, this.#list.children[index] ?? null);
    });
    if (fresh.length) {
      write(this.#announced, fresh.join(", "));
      this.#turnTo(0);
    }
    this.#layOut();
  }

  get #cards(): HTMLElement[] {
    return all("[data-ticket]", this.#list);
  }

  #layOut(): void {
    const cards = this.#cards;
    const { style } = this.#list;
    for (const name of ["gap", "grid-template-columns", "--digits"]) style.removeProperty(name);
    this.#held = cards.length;
    const digits = Math.max(1, ...cards.map((card) => (card.dataset.ticket ?? "").length));
    const caption = "captions" in this.#list.dataset || this.#list.querySelector(".ticket-caption") !== null;
    this.#list.dataset.digits = String(digits);
    if (this.#wide.matches && cards.length) {
      // Measures the empty box.
      for (const card of cards) card.hidden = true;
      const { clientWidth: width, clientHeight: height } = this.#list;
      const least = LEAST * Math.min(innerWidth, innerHeight);
      const content = { digits, caption, late: this.#list.querySelector(".ticket-late") !== null };
      if (!this.#still.matches) this.#held = perPage(cards.length, content, width, height, least);
      const { columns, size } = grid(this.#held, content, width, height);
      style.setProperty("gap", `${GAP * width}px`);
      style.setProperty("grid-template-columns", `repeat(${columns}, minmax(0, 1fr))`);
      style.setProperty("--digits", `${size}px`);
    }
    this.#pages = Math.ceil(cards.length / this.#held) || 1;
    this.#turnTo(Math.min(this.#page, this.#pages - 1));
  }

  /** Shows a page, and the next one after a while. */
  #turnTo(page: number): void {
    this.#page = page;
    const first = page * this.#held;
    this.#cards.forEach((card, index) => {
      card.hidden = index < first || index >= first + this.#held;
    });
    this.#label.hidden = this.#pages === 1;
    write(this.#label, `${page + 1}/${this.#pages}`);
    clearInterval(this.#turning);
    const next = () => this.#turnTo((this.#page + 1) % this.#pages);
    if (this.#pages > 1) this.#turning = setInterval(next, Number(this.#list.dataset.turnMs));
  }
}

/** Writes a label beside the number: whose it is, that the party is late. Without a text there is none. */
function label(card: HTMLElement, tag: string, name: string, text: string): void {
  const there = card.querySelector(`.${name}`);
  if (!text) {
    there?.remove();
    return;
  }
  const node = there ?? card.appendChild(Object.assign(document.createElement(tag), { className: name }));
  write(node, text);
}

function newCard(ticket: number): HTMLElement {
  const card = document.createElement("li");
  card.textContent = String(ticket);
  card.dataset.ticket = String(ticket);
  card.className = "ticket-card is-new";
  setTimeout(() => card.classList.remove("is-new"), NEW_FOR_MS);
  return card;
}
