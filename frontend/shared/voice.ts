/** What a reader is told by ear, and where their focus goes, when a script has changed the page under them. */

// There before it speaks: screen readers do not read a region that comes with its text.
let region: HTMLElement | undefined;

/** Makes the page ready to speak. It outlives whatever is replaced within <main>. */
export function prepareVoice(): HTMLElement {
  if (region?.isConnected) return region;
  region = document.createElement("p");
  region.className = "unseen";
  region.setAttribute("role", "status");
  region.dataset.voice = "";
  document.body.append(region);
  return region;
}

/** Says it to a screen reader, once; the same words again when they come again. */
export function say(words: string): void {
  const node = prepareVoice();
  const text = words.replace(/\s+/g, " ").trim();
  // A region whose text stays the same is not read again.
  node.textContent = node.textContent === text ? `${text}\u00a0` : text;
}

/** Moves the focus to something that cannot be pressed, so that reading goes on from there. */
export function focusOn(node: HTMLElement): void {
  node.tabIndex = -1;
  node.focus();
}

/** Whether the focus is nowhere, or on something that this page shows no more. */
export function focusIsLost(): boolean {
  const node = document.activeElement;
  return !node || node === document.body || node.matches(":disabled") || node.getClientRects().length === 0;
}
