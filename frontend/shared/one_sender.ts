/** Of several tabs, and the worker, one sends at a time; and each hears what another has changed (decision 0018). */

/**
 * Runs `work` under the lock of that name, unless another tab or the worker holds it; then only with `anyway`. `alone`: the lock is held.
 * Without Web Locks, which some browsers lack or refuse, the lease in what is sent decides.
 */
export async function exclusively(
  name: string,
  anyway: boolean,
  work: (alone: boolean) => Promise<void>,
): Promise<void> {
  let asked = false;
  try {
    await navigator.locks?.request(name, { ifAvailable: true }, async (lock) => {
      asked = true;
      if (lock || anyway) await work(Boolean(lock));
    });
  } catch (problem) {
    if (asked) throw problem;
  }
  if (!asked) await work(false);
}

/** The channel between tabs and the worker. A browser that stores nothing may refuse it. */
export function channel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name);
  } catch {
    return undefined;
  }
}
