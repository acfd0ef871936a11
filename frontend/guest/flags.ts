/** Flags of this tab that survive reloads and discarding (session storage); without storage none. */

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
