/** What this tab remembers across reloads and after it was discarded. Storage may be forbidden: then it remembers nothing. */

export function flag(name: string): boolean {
  try {
    return sessionStorage.getItem(name) !== null;
  } catch {
    return false;
  }
}

export function setFlag(name: string, on: boolean): void {
  try {
    if (on) sessionStorage.setItem(name, "1");
    else sessionStorage.removeItem(name);
  } catch {}
}
