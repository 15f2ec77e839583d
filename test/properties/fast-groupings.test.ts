import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterCount,
  afterWatermark,
  defaultTrigger,
  intervalWindow,
  MAX_INSTANT,
  MIN_INSTANT,
  never,
  type AnyCombineFn,
  type Duration,
  type Instant,
  type IntervalWindow,
  type Pane,
  type Window,
} from "millrace";
import type { Batch } from "../../runners/core/batch.ts";
import {
  groupingKindOf,
  merges,
  type Grouping,
  type GroupingKind,
  type GroupingOutput,
  type GroupingSpec,
} from "../../runners/core/groupings/grouping.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { MergingGrouping } from "../../runners/core/groupings/merging-grouping.ts";
import { PaneGrouping } from "../../runners/core/groupings/pane-grouping.ts";
import { SessionGrouping } from "../../runners/core/groupings/session-grouping.ts";
import { SinglePaneGrouping } from "../../runners/core/groupings/single-pane-grouping.ts";
import type { AnyWindowFn, WindowingStrategy } from "../../sdk/windowing.ts";
import { campaign } from "../io/support/campaign.ts";
import { batchWith, element } from "../support/batches.ts";
import { anyKey, anyTime, anyWindows, inAnyOrder, windowFnOf } from "../support/stream-scenarios.ts";

/** Combiners to which it matters that each element counts once; those that change their accumulators, too. */
const combiners: readonly AnyCombineFn[] = [
  {
    name: "sorted list",
    create: () => [],
    add: (values: number[], value: number) => [...values, value],
    merge: (a: number[], b: number[]) => [...a, ...b],
    extract: (values: number[]) => values.toSorted((a, b) => a - b),
    empty: () => "nothing",
  },
  {
    name: "sum and count, in place",
    create: () => ({ sum: 0, count: 0 }),
    add: (acc: { sum: number; count: number }, value: number) => Object.assign(acc, { sum: acc.sum + value, count: acc.count + 1 }),
    merge: (a: { sum: number; count: number }, b: { sum: number; count: number }) =>
      Object.assign(a, { sum: a.sum + b.sum, count: a.count + b.count }),
    extract: ({ sum, count }: { sum: number; count: number }) => [sum, count],
  },
];

/** One bundle: elements, in one or more batches, and how far the watermark has gone on before it. */
interface Step {
  readonly batches: readonly (readonly { readonly key: string; readonly at: Instant }[])[];
  readonly step: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  batches: fc.array(fc.array(fc.record({ key: anyKey, at: anyTime }), { minLength: 1, maxLength: 4 }), {
    maxLength: 2,
  }),
  step: fc.oneof(fc.constant(0), fc.nat(15)),
});

const anySettings: fc.Arbitrary<Omit<WindowingStrategy, "windowFn">> = fc.record({
  trigger: fc.constantFrom(defaultTrigger(), never(), afterWatermark(), afterWatermark({ late: afterCount(2) })),
  accumulation: fc.constantFrom("discarding", "accumulating"),
  allowedLateness: fc.constant(0),
  timestampCombiner: fc.constant("endOfWindow" as const),
  closing: fc.constantFrom("ifNonEmpty", "always"),
  onTime: fc.constantFrom("ifNonEmpty", "always"),
  allowUnsafeTriggers: fc.constant(true),
});

/** A grouping as the engine drives it, with its own watermarks. */
class Driven {
  readonly #grouping: Grouping;
  readonly #windowing: WindowingStrategy;
  #input = MIN_INSTANT;
  #output = MIN_INSTANT;
  #value = 0;

  constructor(spec: GroupingSpec, make: (spec: GroupingSpec, keys: KeyDictionary) => Grouping) {
    this.#grouping = make(spec, new KeyDictionary());
    this.#windowing = spec.windowing;
  }

  /** Everything that can be seen after a bundle. */
  run(batches: Step["batches"], watermark: Instant): unknown {
    const emitted: unknown[] = [];
    const note = (pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void =>
      void emitted.push({ pair, timestamp, windows, pane });
    const output: GroupingOutput = {
      pairs: (pairs, { timestamp, windows, pane }) => pairs.forEach((pair) => note(pair, timestamp, windows, pane)),
      pane: note,
      late: () => {},
    };
    this.#move(watermark);
    const [inputWatermark, outputWatermark] = [this.#input, this.#output];
    const times = {
      inputWatermark,
      outputWatermark,
      timersOutputWatermark: outputWatermark,
      processingTime: 0,
      synchronizedProcessingTime: 0,
    };
    this.#grouping.run(
      batches.map((batch) => this.#batchOf(batch)),
      times,
      output,
    );
    this.#move(watermark);
    const { nextDeadline, nextSynchronizedDeadline, drops } = this.#grouping;
    // Sessions that grow are looked at when the watermark comes to where they once ended: up to there, later times are all one.
    const [hold, nextTimer] = [this.#grouping.hold, this.#grouping.nextTimer].map((time) =>
      merges(this.#windowing) ? Math.min(time, watermark) : time,
    );
    const { lateSample, ...dropped } = drops.take();
    // Which of many are described depends on the order in which the windows of one element are gone through.
    const late = lateSample.length < dropped.droppedLate ? lateSample.length : lateSample.toSorted();
    return { emitted: inAnyOrder(emitted), hold, nextTimer, nextDeadline, nextSynchronizedDeadline, ...dropped, late };
  }

  #move(watermark: Instant): void {
    this.#input = watermark;
    this.#output = Math.max(this.#output, Math.min(watermark, this.#grouping.hold));
  }

  #batchOf(pairs: Step["batches"][number]): Batch {
    const distinct = [...new Set(pairs.map(({ key }) => key))];
    const windowFn = this.#windowing.windowFn;
    const elements = pairs.map(({ at }) => {
      const value = this.#value++;
      return element(value, at, windowFn.assign({ value, timestamp: at, windows: [] }) as readonly Window[]);
    });
    return batchWith(elements, { keys: { ids: Int32Array.from(pairs, ({ key }) => distinct.indexOf(key)), distinct } });
  }
}

/** Sessions by a function that the engine does not know. */
const ownSessions = (windowFn: AnyWindowFn): AnyWindowFn => ({ ...windowFn, merge: (windows) => windowFn.merge!(windows) });

/** Windows of two gaps, and windows of one that become part of that of two in which they begin, as bids become part of their auction. */
const taking = (windowFn: AnyWindowFn, gap: Duration): AnyWindowFn => ({
  ...windowFn,
  name: "taking",
  assign({ value, timestamp }) {
    const start = Math.floor(timestamp / (2 * gap)) * 2 * gap;
    return [(value as number) % 3 === 0 ? intervalWindow(start, start + 2 * gap) : intervalWindow(timestamp, timestamp + gap)];
  },
  merge(windows: readonly IntervalWindow[]) {
    const takesAny = ({ start, end }: IntervalWindow): boolean => end - start === 2 * gap;
    return windows.filter(takesAny).map((into) => ({
      into,
      from: windows.filter((each) => each === into || (!takesAny(each) && each.start >= into.start && each.start < into.end)),
    }));
  },
});

const fastOnes = [
  ["singlePane", "singlePane", (spec, keys) => new SinglePaneGrouping(spec, keys, true)],
  ["singlePane, without generated code", "singlePane", (spec, keys) => new SinglePaneGrouping(spec, keys, false)],
  ["sessions", "sessions", (spec, keys) => new SessionGrouping(spec, keys)],
  ["merging", "merging", (spec, keys) => new MergingGrouping(spec, keys)],
] as const satisfies readonly (readonly [string, GroupingKind, (spec: GroupingSpec, keys: KeyDictionary) => Grouping])[];

describe.each(fastOnes)("windows kept as %s", (_, kind, make) => {
  test("give after each bundle what windows with any number of panes give, and hold the same", () => {
    const windows = anyWindows.filter((each) => (each.kind === "sessions") === (kind !== "singlePane"));
    fc.assert(
      fc.property(
        windows,
        anySettings,
        fc.constantFrom(...combiners),
        fc.boolean(),
        fc.boolean(),
        fc.array(anyStep, { maxLength: 12, size: "max" }),
        (known, settings, fn, emitsDefault, areTaken, steps) => {
          const windowFn = windowFnOf(known);
          const own = areTaken && known.kind === "sessions" ? taking(windowFn, known.gap) : ownSessions(windowFn);
          const windowing = { ...settings, windowFn: kind === "merging" ? own : windowFn };
          expect(groupingKindOf(windowing)).toBe(kind);
          const spec: GroupingSpec = { path: "Group", fn, windowing, emitsDefault };
          const [fast, plain] = [new Driven(spec, make), new Driven(spec, (...given) => new PaneGrouping(...given))];
          let watermark = -10;
          for (const { batches, step } of [...steps, { batches: [], step: Infinity }]) {
            watermark = Math.min(watermark + step, MAX_INSTANT);
            expect(fast.run(batches, watermark)).toEqual(plain.run(batches, watermark));
          }
        },
      ),
      campaign(1_000),
    );
  });
});
