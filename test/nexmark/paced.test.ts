import { describe, expect, test } from "vitest";
import type { Reified } from "millrace";
import { rxjsRunner } from "millrace/runners/rxjs";
import { manualClock } from "millrace/testing";
import pacedQuery, { causeOf, giveTo, paced } from "../bench/nexmark/latency.ts";
import { latencyOf } from "../bench/nexmark/measure-latency.ts";
import type { Event } from "../bench/nexmark/model.ts";
import type { PacedConfig } from "../bench/nexmark/paced-source.ts";
import { queries } from "../bench/nexmark/queries/index.ts";
import { eventsOf } from "../bench/nexmark/source.ts";
import { differenceOf } from "../support/multisets.ts";

const RATE = 1_000;

/** A result, and when it came. */
interface Taken {
  readonly result: Reified<unknown>;
  readonly at: number;
}

/** What a query gives by a clock that goes on by steps, until all events have come; and how many elements were dropped as late. */
async function runPaced(query: string, given: Partial<PacedConfig>, step = 1): Promise<{ taken: readonly Taken[]; droppedLate: number }> {
  const taken: Taken[] = [];
  const clock = manualClock(0);
  giveTo((result) => void taken.push({ result, at: clock.now }));
  const running = rxjsRunner().start(pacedQuery, { query, config: JSON.stringify({ rate: RATE, ...given }) }, { clock });
  const { events = 0, occasionalDelaySec = 0 } = given;
  const end = (events / RATE + occasionalDelaySec) * 1_000 + 1_500;
  for (let now = 0; now < end; now += step) await clock.advanceBy(step);
  const result = await running.done;
  const dropped = result.metrics({ name: "dropped_late" });
  return { taken, droppedLate: dropped.reduce((sum, { committed }) => sum + (committed as number), 0) };
}

const valuesOf = (taken: readonly Taken[]): readonly unknown[] => taken.map(({ result }) => result.value);

/** The same events as a bounded source has them. */
const sameEvents = (events: number): { readonly config: PacedConfig; readonly all: readonly Event[] } => {
  const config = { ...paced, events, rate: RATE, numEventGenerators: 1, baseTime: 0 };
  return { config, all: eventsOf(config) };
};

describe("events that come by the clock", () => {
  test("are those of the generator, each when it is due", async () => {
    const { taken } = await runPaced("q0", { events: 500 });
    expect(valuesOf(taken)).toEqual(sameEvents(500).all);
    for (const { result, at } of taken) expect(at - result.timestamp).toBe(0);
  });

  test("come out of order within their groups, and none is late", async () => {
    const { taken, droppedLate } = await runPaced("q7", { events: 500, outOfOrderGroupSize: 50 });
    const { config, all } = sameEvents(500);
    const byHand = queries.find(({ name }) => name === "q7")!.byHand(all, config);
    expect(differenceOf(valuesOf(taken), byHand)).toBeUndefined();
    expect(droppedLate).toBe(0);
  });

  test("are held back now and then, once each, and tagged", async () => {
    const { taken } = await runPaced("q0", { events: 1_000, probDelayedEvent: 0.1, occasionalDelaySec: 3 }, 5);
    const late = taken.filter(({ result }) => isLate(result.value as Event));
    expect(late.length).toBeGreaterThan(60);
    expect(late.length).toBeLessThan(140);
    for (const { result, at } of late) expect(at - result.timestamp).toBeLessThanOrEqual(3_005);
    for (const { result, at } of late) expect(at - result.timestamp).toBeGreaterThanOrEqual(3_000);
    expect(
      differenceOf(
        valuesOf(taken).map((event) => untagged(event as Event)),
        sameEvents(1_000).all,
      ),
    ).toBeUndefined();
  });

  // Windows of a bid: in how many it is dropped, by the steps that drop it.
  test.each([
    ["q5", 2],
    ["q7", 2],
    ["q11", 1],
  ])("of those that are held back %s drops each bid, and goes on as if there were none", async (query, times) => {
    const held = { events: 1_000, probDelayedEvent: 0.1, occasionalDelaySec: 3 };
    const all = valuesOf((await runPaced("q0", held, 5)).taken) as readonly Event[];
    const { taken, droppedLate } = await runPaced(query, held, 5);
    const inTime = all.filter((event) => !isLate(event));
    const { byHand } = queries.find(({ name }) => name === query)!;
    expect(differenceOf(valuesOf(taken), byHand(inTime, sameEvents(1_000).config))).toBeUndefined();
    expect(droppedLate).toBe(times * all.filter((event) => isLate(event) && event.kind === "bid").length);
  });
});

const isLate = ({ extra }: Event): boolean => extra.startsWith("LATE: ");
const untagged = (event: Event): Event => ({ ...event, extra: event.extra.replace(/^LATE: /, "") });

describe("how long results take", () => {
  test.each(["q1", "q5", "q7", "q11"])(
    "is told from the event that makes them come: of %s no more than a step of the clock",
    async (query) => {
      const { taken } = await runPaced(query, { events: 1_500 });
      const latencies = taken.map(({ result, at }) => at - causeOf(query, result, RATE));
      // The rest fires when the events are over, before its time.
      const fired = latencies.filter((latency) => latency >= 0);
      expect(fired.length).toBeGreaterThan(10);
      expect(Math.max(...fired)).toBeLessThanOrEqual(1);
    },
  );

  test("is told by percentiles, the rarest only of many", () => {
    const few = Array.from({ length: 100 }, (_, i) => 99 - i);
    expect(latencyOf(few)).toEqual({ results: 100, p50: 50, p99: 99, p999: undefined, most: 99 });
    const many = Array.from({ length: 10_000 }, (_, i) => i);
    expect(latencyOf(many)).toMatchObject({ p50: 5_000, p99: 9_900, p999: 9_990, most: 9_999 });
  });
});
