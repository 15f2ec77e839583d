import fc from "fast-check";
import {
  afterCount,
  afterWatermark,
  collect,
  defaultTrigger,
  fixedWindows,
  globalWindows,
  groupByKey,
  map,
  never,
  repeatedly,
  sessions,
  slidingWindows,
  windowInto,
  type Collected,
  type ElementContext,
  type KV,
  type PCollection,
  type Pipeline,
  type PTransform,
  type Runner,
  type Trigger,
  type Window,
  type WindowFn,
} from "millrace";
import { at } from "millrace/testing";
import { droppedIn } from "../../runners/conformance/cases/support.ts";
import { EventScript } from "../../sdk/testing/event-script.ts";
import { playing } from "../../sdk/testing/test-stream.ts";
import type { Cut } from "../../runners/core/scheduler.ts";
import type { Arriving, KnownTrigger, KnownWindowing, KnownWindows, OraclePane, OracleResult, StreamEvent } from "./grouping-oracle.ts";

// ---- what may happen

/** Ways to cut the work of a run. */
export const anyCut: fc.Arbitrary<Cut> = fc.record(
  { partitions: fc.integer({ min: 1, max: 7 }), elementsPerBundle: fc.integer({ min: 1, max: 7 }), generatesCode: fc.boolean() },
  { requiredKeys: [], noNullPrototype: true },
);

export const anyKey = fc.oneof({ weight: 2, arbitrary: fc.constant("a") }, fc.constantFrom("a", "b", "c"));

/** Times, some of which come again and again, so that a session may grow into one that is closed. */
export const anyTime = fc.oneof(fc.integer({ min: -10, max: 40 }), fc.constantFrom(0, 4, 8));

/** Windows that are small, so that little time makes much happen. */
export const anyWindows: fc.Arbitrary<KnownWindows> = fc.oneof(
  fc.record({ size: fc.integer({ min: 1, max: 12 }), offset: fc.nat(11) }).map(({ size, offset }) => ({
    kind: "fixed" as const,
    size,
    offset: offset % size,
  })),
  fc.record({ kind: fc.constant("sliding" as const), size: fc.integer({ min: 1, max: 12 }), period: fc.integer({ min: 1, max: 12 }) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("sessions" as const), gap: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "global" as const }) },
);

const count = fc.integer({ min: 1, max: 3 });
export const anyTrigger: fc.Arbitrary<KnownTrigger> = fc.oneof(
  fc.constantFrom({ kind: "default" as const }, { kind: "never" as const }),
  {
    weight: 2,
    arbitrary: fc.record(
      { kind: fc.constant("afterWatermark" as const), early: count, late: count },
      { requiredKeys: ["kind"], noNullPrototype: true },
    ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("afterCount" as const, "repeatedly" as const), count }) },
);

/** All settings of a grouping. */
export const anyWindowing: fc.Arbitrary<KnownWindowing> = fc.record({
  windows: anyWindows,
  trigger: anyTrigger,
  accumulation: fc.constantFrom("discarding", "accumulating"),
  allowedLateness: fc.oneof(fc.constant(0), fc.nat(25)),
  timestampCombiner: fc.constantFrom("endOfWindow", "earliest", "latest"),
  closing: fc.constantFrom("ifNonEmpty", "always"),
  onTime: fc.constantFrom("always", "ifNonEmpty"),
});

type Happening =
  | { readonly elements: readonly { readonly key: string; readonly at: number }[] }
  | { readonly step: number }
  | { readonly clock: number };

/** Elements whenever, a watermark that goes on by any steps, and processing time, which makes no difference. Values say who came when. */
export const anyEvents: fc.Arbitrary<readonly StreamEvent[]> = fc
  .array(
    fc.oneof<fc.Arbitrary<Happening>[]>(
      fc.record({ elements: fc.array(fc.record({ key: anyKey, at: anyTime }), { minLength: 1, maxLength: 4 }) }),
      fc.record({ step: fc.nat(12) }),
      fc.record({ clock: fc.nat(5) }),
    ),
    { maxLength: 16, size: "max" },
  )
  .map((happenings) => {
    let watermark = -10;
    let value = 0;
    return happenings.map((each): StreamEvent => {
      if ("clock" in each) return { kind: "processingTime", by: each.clock };
      if ("step" in each) return { kind: "watermark", to: (watermark += each.step) };
      return { kind: "elements", elements: each.elements.map((element) => ({ ...element, value: value++ })) };
    });
  });

// ---- what a runner makes of it

/** The window function that is meant. */
export function windowFnOf(windows: KnownWindows): WindowFn<unknown, Window> {
  switch (windows.kind) {
    case "fixed":
      return fixedWindows(windows.size, windows.offset) as unknown as WindowFn<unknown, Window>;
    case "sliding":
      return slidingWindows(windows.size, windows.period) as unknown as WindowFn<unknown, Window>;
    case "sessions":
      return sessions(windows.gap) as unknown as WindowFn<unknown, Window>;
    case "global":
      return globalWindows();
  }
}

/** The trigger that is meant. */
export function triggerOf(trigger: KnownTrigger): Trigger {
  switch (trigger.kind) {
    case "default":
      return defaultTrigger();
    case "never":
      return never();
    case "afterCount":
      return afterCount(trigger.count);
    case "repeatedly":
      return repeatedly(afterCount(trigger.count));
    case "afterWatermark": {
      const { early, late } = trigger;
      return afterWatermark({ ...(early && { early: afterCount(early) }), ...(late && { late: afterCount(late) }) });
    }
  }
}

/** The script of a stream in which this happens. */
export function scriptOf(events: readonly StreamEvent[]): EventScript {
  let script = EventScript.of(["main"]);
  for (const event of events) {
    if (event.kind === "watermark") script = script.advanceWatermarkTo("main", event.to);
    else if (event.kind === "processingTime") script = script.advanceProcessingTime(event.by);
    else
      script = script.addElements(
        "main",
        event.elements.map(({ key, value, at: time }) => at(time, [key, value] as const)),
      );
  }
  return script;
}

/** A stream in which this happens. */
export const streamOf = (events: readonly StreamEvent[]): PTransform<Pipeline, PCollection<KV<string, number>>> =>
  playing({ main: undefined }, scriptOf(events), onlyOne);

/** Windows with these settings, and no questions about the safety of the trigger. */
export const windowedAs = <T>({ windows, trigger, ...settings }: KnownWindowing) =>
  windowInto<T, Window>(windowFnOf(windows), { ...settings, trigger: triggerOf(trigger), allowUnsafeTriggers: true });

/** What a pane has in it, and is. */
export const paneFacts = (
  [key, values]: KV<string, Iterable<number>>,
  { window, timestamp, pane }: ElementContext,
): Omit<OraclePane, "event"> => ({ key, window, values: [...values].toSorted((a, b) => a - b), timestamp, ...pane });

/** Groups a stream by key, on a runner that builds and runs the pipeline on this thread. */
export async function groupedBy(runner: Runner, windowing: KnownWindowing, events: readonly StreamEvent[]): Promise<OracleResult> {
  let event = 0;
  let panes!: Collected<OraclePane>;
  const result = await runner.run((p) => {
    panes = p.apply(playing({ main: undefined }, scriptOf(events), onlyOne, (number) => (event = number + 1))).pipe(
      windowedAs(windowing),
      groupByKey(),
      map((pair: KV<string, Iterable<number>>, ctx): OraclePane => ({ event, ...paneFacts(pair, ctx) })),
      collect(),
    );
  });
  return { panes: result.collected(panes), ...droppedIn(result) };
}

const onlyOne = ({ main }: Readonly<Record<string, PCollection<never>>>): PCollection<KV<string, number>> =>
  main as PCollection<KV<string, number>>;

/** All elements of a stream. */
export const arriving = (events: readonly StreamEvent[]): readonly Arriving[] =>
  events.flatMap((event) => (event.kind === "elements" ? event.elements : []));

/** Things in an order that does not depend on how they came. */
export const inAnyOrder = (values: readonly unknown[]): readonly string[] => values.map(textOf).toSorted();

/** The fields of objects in one order. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
