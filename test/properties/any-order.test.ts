import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  collect,
  combinePerKey,
  count,
  flatten,
  groupByKey,
  keyBy,
  map,
  sum,
  windowInto,
  type Collected,
  type IntervalWindow,
  type KV,
  type PipelineResult,
  type Runner,
  type Window,
} from "millrace";
import { droppedIn } from "../../runners/conformance/cases/support.ts";
import { campaign } from "../io/support/campaign.ts";
import {
  groupedFromScratch,
  windowsOf,
  type Arriving,
  type KnownWindowing,
  type KnownWindows,
  type OraclePane,
  type StreamEvent,
} from "../support/grouping-oracle.ts";
import { localRunners } from "../support/runs.ts";
import {
  anyCut,
  anyEvents,
  anyKey,
  anyWindowing,
  arriving,
  groupedBy,
  inAnyOrder,
  paneFacts,
  streamOf,
  windowedAs,
  windowFnOf,
} from "../support/stream-scenarios.ts";
import { asOneStream, streamsOf, twoStreams, type Happening } from "../support/two-streams.ts";

// ---- streams of which nothing is late

const anyElements: fc.Arbitrary<readonly Arriving[]> = fc
  .array(fc.record({ key: anyKey, at: fc.integer({ min: 0, max: 40 }) }), { maxLength: 14, size: "max" })
  .map((elements) => elements.map((element, value) => ({ ...element, value })));

/** In any order, cut into any events, with a watermark that now and then moves to somewhere before all that is still to come. */
const inTime = (elements: readonly Arriving[]): fc.Arbitrary<readonly StreamEvent[]> =>
  fc
    .record({
      order: fc.shuffledSubarray([...elements], { minLength: elements.length, maxLength: elements.length }),
      cuts: fc.array(fc.boolean(), { minLength: elements.length, maxLength: elements.length }),
      parts: fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), { minLength: elements.length, maxLength: elements.length }),
    })
    .map(({ order, cuts, parts }) => {
      const events: StreamEvent[] = [];
      let together: Arriving[] = [];
      let watermark = -10;
      for (const [i, element] of order.entries()) {
        together.push(element);
        if (cuts[i] === false) continue;
        events.push({ kind: "elements", elements: together });
        together = [];
        const part = parts[i] ?? null;
        const limit = Math.min(60, ...order.slice(i + 1).map((later) => later.at));
        if (part !== null) events.push({ kind: "watermark", to: (watermark += Math.floor(part * (limit - watermark))) });
      }
      return together.length === 0 ? events : [...events, { kind: "elements", elements: together }];
    });

/** The same elements as two streams that could hardly be more different. */
const twoOrders = anyElements.chain((elements) =>
  fc.record({ elements: fc.constant(elements), one: inTime(elements), other: inTime(elements) }),
);

/** Settings under which no window closes before all that is in time has come. */
const losesNothing = anyWindowing.filter(
  ({ trigger }) => trigger.kind !== "afterCount" && (trigger.kind !== "afterWatermark" || trigger.late !== undefined),
);

// ---- groups that are worked out without any time

/** What a key has in a window, or in a session. */
interface Group {
  readonly key: string;
  readonly window: Window;
  readonly values: readonly number[];
}

/** Groups a list, as if all of it had come at once. */
function groupsOf(windows: KnownWindows, elements: readonly Arriving[]): readonly Group[] {
  const everything: KnownWindowing = {
    windows,
    trigger: { kind: "never" },
    accumulation: "accumulating",
    allowedLateness: 0,
    timestampCombiner: "endOfWindow",
    closing: "ifNonEmpty",
    onTime: "ifNonEmpty",
  };
  const { panes } = groupedFromScratch(everything, [{ kind: "elements", elements }]);
  return panes.map(({ key, window, values }) => ({ key, window, values }));
}

const isWithin = (inner: Window, outer: Window): boolean =>
  inner.maxTimestamp <= outer.maxTimestamp && !((inner as IntervalWindow).start < (outer as IntervalWindow).start);

const isSame = (a: Window, b: Window): boolean => isWithin(a, b) && isWithin(b, a);

/** Pairs of a window and an element that is in it. */
const placesOf = ({ windows }: KnownWindowing, elements: readonly Arriving[]): number =>
  elements.flatMap((element) => windowsOf(windows, element.at)).length;

const valuesIn = (panes: readonly OraclePane[]): readonly number[] => panes.flatMap(({ values }) => values);
const ascending = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

/** How many elements come after one of their windows has expired, once for each. */
function lateOf({ windows, allowedLateness }: KnownWindowing, events: readonly StreamEvent[]): number {
  let watermark = -Infinity;
  let late = 0;
  for (const event of events) {
    if (event.kind === "watermark") watermark = event.to;
    if (event.kind !== "elements") continue;
    const places = event.elements.flatMap((element) => windowsOf(windows, element.at));
    late += places.filter(({ maxTimestamp }) => maxTimestamp + allowedLateness < watermark).length;
  }
  return late;
}

// ---- what is made of totals

interface Total {
  readonly sum: number;
  readonly count: number;
}

const NOTHING: Total = { sum: 0, count: 0 };
const plus = (a: Total, b: Total): Total => ({ sum: a.sum + b.sum, count: a.count + b.count });

/** How many elements the grouping of a step has dropped, for whatever reason. */
const droppedBy = (result: PipelineResult, step: string): number =>
  ["dropped_late", "dropped_closed"]
    .flatMap((name) => result.metrics({ name, kind: "counter" }))
    .filter((metric) => metric.step.split("/")[0] === step)
    .reduce((all, { committed }) => all + committed, 0);

// ---- two streams

/** Groups two streams that are flattened. */
async function flattenedBy(
  runner: Runner,
  windowing: KnownWindowing,
  happenings: readonly Happening[],
): Promise<{ readonly panes: readonly unknown[]; readonly late: number; readonly closed: number }> {
  let panes!: Collected<unknown>;
  const result = await runner.run((p) => {
    const { left, right } = p.apply(streamsOf(happenings));
    panes = flatten([left, right]).pipe(windowedAs(windowing), groupByKey(), map(paneFacts), collect());
  });
  return { panes: result.collected(panes), ...droppedIn(result) };
}

describe.each(localRunners)("whatever the order, the steps of the watermark and the cuts, on %s", (_, runner) => {
  test("the last accumulating pane of a key and window holds all of its elements", async () => {
    const accumulating = losesNothing.map((windowing) => ({ ...windowing, accumulation: "accumulating" as const }));
    await fc.assert(
      fc.asyncProperty(accumulating, twoOrders, anyCut, async (windowing, { elements, one, other }, cut) => {
        const expected = groupsOf(windowing.windows, elements);
        for (const events of [one, other]) {
          const { panes, late, closed } = await groupedBy(runner(cut), windowing, events);
          const last = expected.map(({ key, window }) => {
            const own = panes.filter((pane) => pane.key === key && isSame(pane.window, window));
            return { key, window, values: own.toSorted((a, b) => a.index - b.index).at(-1)?.values };
          });
          expect(inAnyOrder(last)).toEqual(inAnyOrder(expected));
          expect([late, closed]).toEqual([0, 0]);
        }
      }),
      campaign(250),
    );
  });

  test("the discarding panes of a key and window hold each of its elements once", async () => {
    const discarding = losesNothing.map((windowing) => ({ ...windowing, accumulation: "discarding" as const }));
    await fc.assert(
      fc.asyncProperty(discarding, twoOrders, anyCut, async (windowing, { elements, one, other }, cut) => {
        for (const events of [one, other]) {
          const { panes } = await groupedBy(runner(cut), windowing, events);
          for (const { key, window, values } of groupsOf(windowing.windows, elements)) {
            // A session may have emitted panes while it was still short; other windows are what they are.
            const isOwn = (pane: OraclePane): boolean =>
              windowing.windows.kind === "sessions" ? isWithin(pane.window, window) : isSame(pane.window, window);
            expect(ascending(valuesIn(panes.filter((pane) => pane.key === key && isOwn(pane))))).toEqual(values);
          }
          expect(valuesIn(panes)).toHaveLength(placesOf(windowing, elements));
        }
      }),
      campaign(250),
    );
  });

  test("what is kept and what is dropped is what came, and as much is late as came after its windows had expired", async () => {
    const discarding = anyWindowing.map((windowing) => ({ ...windowing, accumulation: "discarding" as const }));
    await fc.assert(
      fc.asyncProperty(discarding, anyEvents, anyCut, async (windowing, events, cut) => {
        const { panes, late, closed } = await groupedBy(runner(cut), windowing, events);
        expect(late).toBe(lateOf(windowing, events));
        expect(valuesIn(panes).length + late + closed).toBe(placesOf(windowing, arriving(events)));
      }),
      campaign(250),
    );
  });

  test("two groupings, one behind the other, lose nothing that the first one kept", async () => {
    // The last instant of a window lies in the larger one that is made of it, so nothing that the first one emits is late there.
    const chained = losesNothing
      .filter(({ windows }) => windows.kind === "fixed")
      .map((windowing) => ({ ...windowing, accumulation: "discarding" as const, timestampCombiner: "endOfWindow" as const }));
    await fc.assert(
      fc.asyncProperty(chained, fc.integer({ min: 1, max: 3 }), anyEvents, anyCut, async (windowing, times, events, cut) => {
        const { size, offset } = windowing.windows as Extract<KnownWindows, { kind: "fixed" }>;
        const larger: KnownWindows = { kind: "fixed", size: size * times, offset };
        let totals!: Collected<Total>;
        const result = await runner(cut).run((p) => {
          totals = p
            .apply(streamOf(events))
            .apply(windowedAs(windowing))
            .apply("First", combinePerKey({ sum: sum(), count: count() }))
            .apply("Larger", windowInto(windowFnOf(larger)))
            .apply(keyBy(([key]) => (key === "a" ? "a" : "not a")))
            .apply(
              "Rest",
              map(([key, [, own]]): KV<string, Total> => [key, own]),
            )
            .apply("Second", combinePerKey({ sum: sum("sum"), count: sum("count") }))
            .pipe(
              map(([, own]) => own),
              collect(),
            );
        });
        const [first, second] = ["First", "Second"].map((step) => droppedBy(result, step));
        const all = result.collected(totals).reduce(plus, NOTHING);
        expect([first, second]).toEqual([lateOf(windowing, events), 0]);
        const kept = valuesIn(groupedFromScratch(windowing, events).panes);
        expect(all).toEqual({ sum: kept.reduce((a, b) => a + b, 0), count: kept.length });
      }),
      campaign(250),
    );
  });

  test("streams that are flattened are as late as the one that is furthest behind", async () => {
    await fc.assert(
      fc.asyncProperty(anyWindowing, twoStreams, anyCut, async (windowing, happenings, cut) => {
        const expected = groupedFromScratch(windowing, asOneStream(happenings));
        const { panes, late, closed } = await flattenedBy(runner(cut), windowing, happenings);
        expect(inAnyOrder(panes)).toEqual(inAnyOrder(expected.panes.map(({ event: _event, ...pane }) => pane)));
        expect({ late, closed }).toEqual({ late: expected.late, closed: expected.closed });
      }),
      campaign(250),
    );
  });
});
