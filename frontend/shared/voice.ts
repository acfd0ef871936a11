/** Announcements to screen readers, and focus, when a script has changed the page. */

// Created before its text: screen readers ignore a live region that is inserted with its text.
let region: HTMLElement | undefined;

/** Adds the live region, outside of <main>, whose content may be replaced. */
export function prepareVoice(): HTMLElement {
  if (region?.isConnected) return region;
  region = document.createElement("p");
  region.className = "unseen";
  region.setAttribute("role", "status");
  region.dataset.voice = "";
  document.body.append(region);
  return region;
}

/** Announces the text once; an equal text later is announced again. */
export function say(sentence: string): void {
  const node = prepareVoice();
  const text = sentence.replace(/\s+/g, " ").trim();
  // A region whose text stays the same is not read again.
  node.textContent = node.textContent === text ? `${text}\u00a0` : text;
}

/** Moves the focus to an element that is not a control, so that reading continues there. */
export function focusOn(node: HTMLElement): void {
  node.tabIndex = -1;
  node.focus();
}

/** Whether the focus is on nothing, or on a removed element. */
export function focusIsLost(): boolean {
  const node = document.activeElement;
  return !node || node === document.body || node.matches(":disabled") || node.getClientRects().length === 0;
}
