import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  collect,
  deduplicate,
  fixedWindows,
  flatMap,
  globalWindow,
  groupByKey,
  groupIntoBatches,
  map,
  NEVER,
  reify,
  windowInto,
  type BatchOptions,
  type Collected,
  type Instant,
  type KV,
  type Logger,
  type Pipeline,
  type PipelineResult,
  type Window,
} from "millrace";
import { directRunner, type Cut } from "millrace/runners/direct";
import { droppedIn } from "../../runners/conformance/cases/support.ts";
import { windowsOf, type Arriving, type KnownWindows, type StreamEvent } from "../support/grouping-oracle.ts";
import { anyCut, anyEvents, anyWindows, inAnyOrder, streamOf, windowFnOf } from "../support/stream-scenarios.ts";
import { campaign } from "../io/support/campaign.ts";

/** Batches without a time limit may stay for ever in the global window, which is a warning. */
const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

// Transforms that are made of state and timers, against what they mean, played event by event.

interface Setting {
  readonly windows: KnownWindows;
  readonly allowedLateness: number;
}

const anySetting: fc.Arbitrary<Setting> = fc.record({
  windows: anyWindows.filter(({ kind }) => kind !== "sessions"),
  allowedLateness: fc.oneof(fc.constant(0), fc.nat(15)),
});

const windowed = ({ windows, allowedLateness }: Setting) =>
  windowInto<KV<string, number>, Window>(windowFnOf(windows), { allowedLateness, accumulation: "discarding" });

const run = (cut: Cut, build: (p: Pipeline) => void): Promise<PipelineResult> => directRunner(cut).run(build, {}, { logger: silent });

/** What time it is in a stream. */
class Time {
  watermark: Instant = -Infinity;
  clock: Instant = 0;
}

/** Plays a stream that ends. Each element comes once for each window that has not expired. */
function play(
  events: readonly StreamEvent[],
  { windows, allowedLateness }: Setting,
  {
    onElement,
    afterEvent,
  }: { readonly onElement: (element: Arriving, window: Window, time: Time) => void; readonly afterEvent: (time: Time) => void },
): void {
  const time = new Time();
  for (const event of [...events, { kind: "watermark", to: NEVER } as const]) {
    if (event.kind === "watermark") time.watermark = event.to;
    else if (event.kind === "processingTime") time.clock += event.by;
    else
      for (const element of event.elements) {
        for (const window of windowsOf(windows, element.at)) {
          if (time.watermark <= expiryOf(window, allowedLateness)) onElement(element, window, time);
        }
      }
    afterEvent(time);
  }
}

const expiryOf = ({ maxTimestamp }: Window, allowedLateness: number): Instant =>
  Math.min(maxTimestamp + allowedLateness, globalWindow.maxTimestamp);

interface Batch {
  readonly key: string;
  readonly window: Window;
  readonly values: number[];
  bytes: number;
  at: Instant;
  readonly overdueAt: Instant;
}

const bytesOf = (value: number): number => value % 7;

/** The batches that leave, each with the processing time at which it does. */
function batchesOf(events: readonly StreamEvent[], setting: Setting, limits: BatchOptions<number>): readonly unknown[] {
  const { size = NEVER, byteSize = NEVER, maxBufferingDuration = NEVER } = limits;
  const open = new Map<string, Batch>();
  const left: unknown[] = [];
  const leave = (name: string, { clock }: Time): void => {
    const { key, window, values, at } = open.get(name)!;
    left.push({ key, window, values, at, clock });
    open.delete(name);
  };
  play(events, setting, {
    onElement({ key, value, at }, window, time) {
      const name = `${key} ${window.maxTimestamp}`;
      const bytes = byteSize === NEVER ? 0 : bytesOf(value);
      if (open.has(name) && open.get(name)!.bytes + bytes > byteSize) leave(name, time);
      if (!open.has(name)) open.set(name, { key, window, values: [], bytes: 0, at, overdueAt: time.clock + maxBufferingDuration });
      const batch = open.get(name)!;
      batch.values.push(value);
      batch.bytes += bytes;
      batch.at = Math.min(batch.at, at);
      if (batch.values.length >= size || batch.bytes >= byteSize) leave(name, time);
    },
    afterEvent(time) {
      for (const [name, { window, overdueAt }] of open)
        if (time.watermark > window.maxTimestamp || time.clock >= overdueAt) leave(name, time);
    },
  });
  return left;
}

const anyLimits = fc
  .record(
    {
      size: fc.integer({ min: 1, max: 4 }),
      byteSize: fc.integer({ min: 1, max: 9 }),
      maxBufferingDuration: fc.integer({ min: 1, max: 8 }),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((limits) => Object.keys(limits).length > 0)
  .map((limits) => ({ ...limits, ...("byteSize" in limits ? { byteSizeOf: bytesOf } : {}) }) as BatchOptions<number>);

describe("groupIntoBatches", () => {
  const batched = (events: readonly StreamEvent[], setting: Setting, limits: BatchOptions<number>) => (p: Pipeline) =>
    p.apply(streamOf(events)).pipe(windowed(setting), groupIntoBatches(limits));

  test("gives the batches that its limits say, when they say it", async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents, anySetting, anyLimits, anyCut, async (events, setting, limits, cut) => {
        let found!: Collected<unknown>;
        const result = await run(cut, (p) => {
          found = batched(
            events,
            setting,
            limits,
          )(p).pipe(
            map(([key, values], { window, timestamp, processingTime }) => ({ key, window, values, at: timestamp, clock: processingTime })),
            collect(),
          );
        });
        expect(inAnyOrder(result.collected(found))).toEqual(inAnyOrder(batchesOf(events, setting, limits)));
      }),
      campaign(150),
    );
  });

  test("makes nothing late that was not", async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents, anyLimits, anyCut, async (events, limits, cut) => {
        const result = await run(cut, (p) => {
          batched(
            inTime(events),
            { windows: { kind: "global" }, allowedLateness: 0 },
            limits,
          )(p).pipe(
            flatMap(([key, values]) => values.map((value): KV<string, number> => [key, value])),
            windowInto(fixedWindows(5)),
            groupByKey(),
            collect(),
          );
        });
        expect(droppedIn(result)).toEqual({ late: 0, closed: 0 });
      }),
      campaign(150),
    );
  });
});

/** The same stream with elements that would be behind the watermark moved to it. */
function inTime(events: readonly StreamEvent[]): readonly StreamEvent[] {
  let watermark = -Infinity;
  return events.map((event): StreamEvent => {
    if (event.kind === "watermark") watermark = event.to;
    if (event.kind !== "elements") return event;
    return { ...event, elements: event.elements.map((element) => ({ ...element, at: Math.max(element.at, watermark) })) };
  });
}

describe("deduplicate", () => {
  /** The elements that are no duplicates. */
  function firstOf(events: readonly StreamEvent[], setting: Setting, within: number, time: "event" | "processing"): readonly unknown[] {
    const known = new Map<string, { readonly until: Instant; readonly forgetAt: Instant }>();
    const passed: unknown[] = [];
    play(events, setting, {
      onElement({ key, value, at }, window, { clock }) {
        const name = `${key} ${window.maxTimestamp}`;
        const now = time === "event" ? at : clock;
        if (now <= (known.get(name)?.until ?? -Infinity)) return;
        passed.push({ value: [key, value], at, window });
        known.set(name, {
          until: now + within,
          forgetAt: Math.min(now + within, time === "event" ? expiryOf(window, setting.allowedLateness) : NEVER),
        });
      },
      afterEvent({ watermark, clock }) {
        for (const [name, { forgetAt }] of known) if (time === "event" ? watermark > forgetAt : clock >= forgetAt) known.delete(name);
      },
    });
    return passed;
  }

  test.each(["event", "processing"] as const)("lets the first element of each key pass within a stretch of %s time", async (time) => {
    await fc.assert(
      fc.asyncProperty(anyEvents, anySetting, fc.integer({ min: 1, max: 12 }), anyCut, async (events, setting, within, cut) => {
        let found!: Collected<unknown>;
        const result = await run(cut, (p) => {
          found = p.apply(streamOf(events)).pipe(
            windowed(setting),
            deduplicate({ key: ([key]) => key, within, time }),
            reify(),
            map(({ value, timestamp, window }) => ({ value, at: timestamp, window })),
            collect(),
          );
        });
        expect(inAnyOrder(result.collected(found))).toEqual(inAnyOrder(firstOf(events, setting, within, time)));
      }),
      campaign(150),
    );
  });
});
