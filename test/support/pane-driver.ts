import {
  defaultTrigger,
  fixedWindows,
  MAX_INSTANT,
  MIN_INSTANT,
  NEVER,
  type AnyCombineFn,
  type Instant,
  type IntervalWindow,
  type Pane,
  type Window,
} from "millrace";
import type { BundleTimes } from "../../runners/core/bundle.ts";
import type { Grouping, GroupingOutput, GroupingSpec } from "../../runners/core/groupings/grouping.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { PaneGrouping } from "../../runners/core/groupings/pane-grouping.ts";
import type { TriggerMachine } from "../../runners/core/triggers/machine.ts";
import { DEFAULT_SETTINGS, type WindowingStrategy } from "../../sdk/windowing.ts";
import { batchWith, element, type Element } from "./batches.ts";

/** A value and its time; a number that stands alone is both. */
export type Timed = number | readonly [value: unknown, at: Instant];

/** The settings of {@link windowingOf}, and what combines and fires. */
export interface DriverSettings extends Partial<WindowingStrategy> {
  /** What says when panes are emitted, where it is not a trigger. */
  readonly machine?: TriggerMachine;
  readonly fn?: AnyCombineFn;
}

/** Collects values, in the order in which they come. */
export const list: AnyCombineFn = {
  name: "list",
  create: () => [],
  add: (values: unknown[], value: unknown) => [...values, value],
  merge: (a: unknown[], b: unknown[]) => [...a, ...b],
  extract: (values: unknown[]) => values,
};

const MOST_RUNS = 1_000;

/** The settings of a driver whose elements are in windows of 10, with the time of the earliest for that of a pane. */
export const windowingOf = (settings: Partial<WindowingStrategy>): WindowingStrategy => ({
  ...DEFAULT_SETTINGS,
  windowFn: fixedWindows(10),
  trigger: defaultTrigger(),
  accumulation: "discarding",
  timestampCombiner: "earliest",
  ...settings,
});

/**
 * Drives one partition of a grouping as the scheduler would: elements come in events, each a bundle, and the output watermark
 * follows the input watermark as far as the holds let it. Panes are lines like those of the catalogue.
 */
export class GroupingDriver<G extends Grouping> {
  readonly grouping: G;
  readonly keys = new KeyDictionary();
  /** Elements that came too late, as the step's second output has them. */
  readonly late: unknown[] = [];
  readonly #windowing: WindowingStrategy;
  readonly #output: GroupingOutput;
  #lines: string[] = [];
  #inputWatermark: Instant = MIN_INSTANT;
  #outputWatermark: Instant = MIN_INSTANT;
  #timersOutputWatermark: Instant = MIN_INSTANT;
  #processingTime: Instant = 0;

  constructor(windowing: Partial<WindowingStrategy>, make: (spec: GroupingSpec, keys: KeyDictionary) => G, fn: AnyCombineFn = list) {
    this.#windowing = windowingOf(windowing);
    this.grouping = make({ path: "Group", fn, windowing: this.#windowing, emitsDefault: false }, this.keys);
    this.#output = {
      pane: (pair, timestamp, windows, pane) => void this.#lines.push(lineOf(pair, timestamp, windows, pane)),
      pairs: (pairs, { timestamp, windows, pane }) => {
        for (const pair of pairs) this.#lines.push(lineOf(pair, timestamp, windows, pane));
      },
      late: (pair) => void this.late.push(pair),
    };
  }

  /** The elements of one bundle, of one key; what they make the grouping emit. */
  event(...elements: readonly Timed[]): readonly string[] {
    return this.eventOf("k", ...elements);
  }

  /** The same for a key of its own. */
  eventOf(key: unknown, ...elements: readonly Timed[]): readonly string[] {
    const placed = elements.map((each) => this.#placed(each));
    const ids = Int32Array.from(placed, () => this.keys.idOf(key));
    this.keys.inTransit++;
    this.#run([batchWith(placed, { keys: { ids, distinct: undefined } })]);
    return this.#taken();
  }

  #placed(timed: Timed): Element {
    const [value, timestamp] = typeof timed === "number" ? [timed, timed] : timed;
    return element(value, timestamp, this.#windowing.windowFn.assign({ value, timestamp, windows: [] }) as readonly Window[]);
  }

  /** The watermark moves. */
  watermark(to: Instant): readonly string[] {
    this.#moveWatermark(to);
    this.#runDue();
    return this.#taken();
  }

  /** Processing time moves, and synchronized processing time with it. */
  clock(to: Instant): readonly string[] {
    this.#processingTime = to;
    this.#runDue();
    return this.#taken();
  }

  /** Both move before the grouping hears of it. */
  both(watermark: Instant, processingTime: Instant): readonly string[] {
    this.#moveWatermark(watermark);
    return this.clock(processingTime);
  }

  /** All input is there. */
  end(): readonly string[] {
    return this.watermark(MAX_INSTANT);
  }

  get outputWatermark(): Instant {
    return this.#outputWatermark;
  }

  #moveWatermark(to: Instant): void {
    this.#inputWatermark = to;
    this.#refresh();
    this.#timersOutputWatermark = this.#outputWatermark;
  }

  #refresh(): void {
    this.#outputWatermark = Math.max(this.#outputWatermark, Math.min(this.#inputWatermark, this.grouping.hold));
  }

  #runDue(): void {
    for (let runs = 0; this.#isDue; runs++) {
      if (runs === MOST_RUNS) throw new Error("the grouping says again and again that it is due, and does nothing");
      this.#run([]);
    }
  }

  get #isDue(): boolean {
    const { nextTimer, nextDeadline, nextSynchronizedDeadline } = this.grouping;
    return nextTimer < this.#inputWatermark || nextDeadline <= this.#processingTime || nextSynchronizedDeadline < this.#processingTime;
  }

  #run(batches: Parameters<Grouping["run"]>[0]): void {
    const times: BundleTimes = {
      inputWatermark: this.#inputWatermark,
      outputWatermark: this.#outputWatermark,
      timersOutputWatermark: this.#timersOutputWatermark,
      processingTime: this.#processingTime,
      synchronizedProcessingTime: this.#processingTime,
    };
    this.grouping.run(batches, times, this.#output);
    this.#refresh();
  }

  #taken(): readonly string[] {
    const taken = this.#lines;
    this.#lines = [];
    return taken;
  }
}

/** Drives a grouping with panes. */
export class PaneDriver extends GroupingDriver<PaneGrouping> {
  constructor({ machine, fn, ...windowing }: DriverSettings) {
    super(windowing, (spec, keys) => new PaneGrouping(spec, keys, machine), fn);
  }

  /** Where elements that wait for their pane hold the watermark; nothing where they do not. */
  get elementHold(): Instant | undefined {
    const { elementHold } = this.grouping;
    return elementHold === NEVER ? undefined : elementHold;
  }
}

/** Such as `{1,2} ts1 [0,10) E(0,-1) F`; a value that is no list stands without braces. */
function lineOf(pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): string {
  const [key, value] = pair as readonly [unknown, unknown];
  const ofKey = key === "k" ? "" : `${String(key)}: `;
  const { start, end } = windows[0] as Partial<IntervalWindow>;
  const where = start === undefined ? "global" : `[${start},${end})`;
  return `${ofKey}${Array.isArray(value) ? `{${value.join(",")}}` : String(value)} ts${timestamp} ${where} ${numbersOf(pane)}`;
}

const numbersOf = ({ timing, index, nonSpeculativeIndex, isFirst, isLast }: Pane): string =>
  `${timing[0]}(${index},${nonSpeculativeIndex})${isFirst ? " F" : ""}${isLast ? " Z" : ""}`;
