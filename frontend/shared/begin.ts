/**
 * The first import of each live page's script. Stops it when the gate (start.ts) is closed: there the page works without scripts and
 * reloads itself.
 */
const root = document.documentElement;

if (!root.dataset.scripts) throw new Error("this page goes without scripts");

/** Tells the gate that the page's script runs. */
export function started(): void {
  root.dataset.scripts = "on";
}
