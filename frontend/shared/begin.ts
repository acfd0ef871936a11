/**
 * The first import of each live page's script: nothing of it runs where the gate (start.ts) has not opened, for there the page goes
 * without scripts and refreshes itself.
 */
const root = document.documentElement;

if (!root.dataset.scripts) throw new Error("this page goes without scripts");

/** The page's script runs: it is not given up. */
export function started(): void {
  root.dataset.scripts = "on";
}
