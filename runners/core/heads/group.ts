import type { Instant } from "../../../sdk/time.ts";
import type { Pane, Window } from "../../../sdk/windowing.ts";
import type { Grouping, GroupingOutput } from "../groupings/grouping.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import { counted } from "../metric-container.ts";
import type { Pass, StageLoop } from "../stage-loop.ts";
import { PLAIN, type HeadRunner } from "./head.ts";

/** Folds elements into a grouping's state, and takes on what it emits. */
export const groupHead = (path: string, grouping: Grouping, keys: KeyDictionary, hasLateOutput: boolean): HeadRunner => ({
  run(bundle, steps, pass) {
    const output = new PaneOutput(steps, pass, hasLateOutput);
    grouping.run(bundle.batches, bundle, output);
    output.flush();
    keys.sweep(() => grouping.liveKeys());
    const { hold, nextTimer, nextDeadline, nextSynchronizedDeadline, drops } = grouping;
    const metrics = counted(path, "spilled_bytes", grouping.takeSpilled?.() ?? 0);
    return { ...PLAIN, hold, nextTimer, nextDeadline, nextSynchronizedDeadline, metrics, ...drops.take() };
  },
});

/** How many panes are taken on at once. */
const PANES_AT_ONCE = 1_024;

/** Collects panes that come one by one, each with a stamp of its own, so that they are taken through the steps together. */
class PaneOutput implements GroupingOutput {
  readonly #steps: StageLoop;
  readonly #pass: Pass;
  readonly #hasLateOutput: boolean;
  #pairs: unknown[] = [];
  #timestamps = new Float64Array(0);
  #windows: (readonly Window[])[] = [];
  #panes: Pane[] = [];

  constructor(steps: StageLoop, pass: Pass, hasLateOutput: boolean) {
    this.#steps = steps;
    this.#pass = pass;
    this.#hasLateOutput = hasLateOutput;
  }

  readonly pairs: GroupingOutput["pairs"] = (pairs, stamp) => this.#steps.run(pairs, pairs.length, stamp, this.#pass);

  readonly late: GroupingOutput["late"] = (pair, stamp) => {
    if (this.#hasLateOutput) this.#steps.emit(1, pair, stamp, this.#pass);
  };

  pane(pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    const at = this.#pairs.length;
    if (at === 0) this.#timestamps = new Float64Array(PANES_AT_ONCE);
    this.#pairs.push(pair);
    this.#timestamps[at] = timestamp;
    this.#windows.push(windows);
    this.#panes.push(pane);
    if (at + 1 === PANES_AT_ONCE) this.flush();
  }

  /** Takes on what is left. */
  flush(): void {
    const [pairs, windows, panes] = [this.#pairs, this.#windows, this.#panes];
    if (pairs.length === 0) return;
    this.#pairs = [];
    this.#windows = [];
    this.#panes = [];
    this.#steps.run(pairs, pairs.length, { timestamps: this.#timestamps, windows, panes }, this.#pass);
  }
}
