const actions = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Does something when a signal aborts; at once when it has. Node warns of a leak when a signal has more than ten listeners,
 * and a run may have any number of files: so a signal gets one for all of them.
 */
export function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) return act();
  const known = actions.get(signal);
  if (known !== undefined) {
    known.add(act);
    return;
  }
  const added = new Set([act]);
  actions.set(signal, added);
  signal.addEventListener("abort", () => added.forEach((each) => each()), { once: true });
}
