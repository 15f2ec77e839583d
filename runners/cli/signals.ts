/** What a shell expects of a command that a signal has ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodes;

/** The signals that came while they were watched. */
export interface SignalWatch {
  /** The exit code that belongs to the first of them. */
  readonly exitCode: () => number | undefined;
  /** Leaves signals to Node again, which ends the process. */
  readonly stop: () => void;
}

/** Tells of the first Ctrl-C, or SIGTERM, so that a run can clean up; the second one ends the process at once. */
export function watchSignals(onFirst: () => void): SignalWatch {
  let first: Signal | undefined;
  const take = (signal: Signal): void => {
    if (first !== undefined) process.exit(exitCodes[signal]);
    first = signal;
    onFirst();
  };
  const names = Object.keys(exitCodes) as Signal[];
  for (const name of names) process.on(name, take);
  return {
    exitCode: () => (first === undefined ? undefined : exitCodes[first]),
    stop: () => names.forEach((name) => process.off(name, take)),
  };
}
