import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { intervalWindow, NO_FIRING, type PipelineResult, type Reified, type KV, type Runner } from "millrace";
import { threadsRunner } from "millrace/runners/threads";
import { droppedIn } from "../../runners/conformance/cases/support.ts";
import { campaign } from "../io/support/campaign.ts";
import { groupedFromScratch, type Dropped, type KnownWindowing, type StreamEvent } from "../support/grouping-oracle.ts";
import { localRunners } from "../support/runs.ts";
import { anyEvents, anyWindowing, inAnyOrder } from "../support/stream-scenarios.ts";
import lateElements, { BACK, collected, type Story } from "./pipelines/late-elements.ts";

const two = threadsRunner({ threads: 2 });

/** Threads take their time for each run. */
const runners: readonly (readonly [name: string, runner: Runner, runs: number])[] = [
  ...localRunners.map(([name, make]) => [name, make({ partitions: 3, elementsPerBundle: 2 }), 200] as const),
  ["threadsRunner", two, 40],
];

interface Outcome {
  readonly main: readonly unknown[];
  readonly late: readonly Reified<KV<string, number>>[];
  readonly result: PipelineResult;
}

async function outcomeOf(runner: Runner, story: Story): Promise<Outcome> {
  const result = await runner.run(lateElements, { story: JSON.stringify(story) });
  const { main, late } = collected();
  return { main: result.collected(main), late: result.collected(late), result };
}

const givenBack = ({ key, value, at, window }: Dropped): Reified<KV<string, number>> => ({
  value: [key, value],
  timestamp: at,
  window,
  pane: NO_FIRING,
});

/** The sample of late elements in the metrics. */
const sampleIn = (result: PipelineResult): readonly string[] =>
  result
    .metrics({ name: "late_sample", kind: "stringSet" })
    .flatMap(({ committed }) => [...committed].map((text) => text.replace(/^\d+\. /, "")));

const described = ({ key, window, lateBy }: Dropped): string => {
  const { start, end } = window as Partial<Record<"start" | "end", number>>;
  return `key "${key}" in ${start === undefined ? `the window that ends at ${window.maxTimestamp}` : `[${start}, ${end})`}, ${lateBy} ms late`;
};

const tens: KnownWindowing = {
  windows: { kind: "fixed", size: 10, offset: 0 },
  trigger: { kind: "default" },
  accumulation: "discarding",
  allowedLateness: 0,
  timestampCombiner: "endOfWindow",
  closing: "ifNonEmpty",
  onTime: "ifNonEmpty",
};

describe.each(runners)("late elements on %s", (_, runner, runs) => {
  test.each(["groupByKey", "combinePerKey"] as const)(
    "of %s come out as they came, once for each window that drops them",
    async (grouping) => {
      await fc.assert(
        fc.asyncProperty(anyWindowing, anyEvents, async (windowing, events) => {
          const { late, closed, dropped, panes } = groupedFromScratch(windowing, events);
          const outcome = await outcomeOf(runner, { grouping, windowing, events });
          expect(inAnyOrder(outcome.late)).toEqual(inAnyOrder(dropped.map(givenBack)));
          expect(droppedIn(outcome.result)).toEqual({ late, closed });
          const values = panes.map((pane) => (grouping === "groupByKey" ? pane.values : pane.values.reduce((a, b) => a + b, 0)));
          expect(inAnyOrder(outcome.main.map(ascending))).toEqual(inAnyOrder(values));
        }),
        campaign(runs),
      );
    },
  );

  test("are described in the metrics: the last ten, and how late they were", async () => {
    const at = (key: string, value: number): StreamEvent => ({ kind: "elements", elements: [{ key, value, at: value }] });
    const story: Story = {
      grouping: "groupByKey",
      windowing: tens,
      events: [{ kind: "watermark", to: 100 }, ...Array.from({ length: 12 }, (_, i) => at(`k${i}`, i))],
    };
    const { result } = await outcomeOf(runner, story);
    const { dropped } = groupedFromScratch(tens, story.events);
    expect(sampleIn(result)).toEqual(dropped.slice(-10).map(described));
    expect(sampleIn(result).at(-1)).toBe('key "k11" in [10, 20), 81 ms late');
  });

  test("keep the pane that they came in", async () => {
    const events: readonly StreamEvent[] = [
      { kind: "elements", elements: [{ key: "a", value: 3, at: 3 }] },
      { kind: "watermark", to: 50 },
    ];
    const { late, main } = await outcomeOf(runner, { grouping: "groupByKey", windowing: tens, events, isMovedBack: true });
    const pane = { timing: "ON_TIME", index: 0, nonSpeculativeIndex: 0, isFirst: true, isLast: true };
    expect(late).toEqual([{ value: ["a", 3], timestamp: 3 - BACK, window: intervalWindow(-1_000, -990), pane }]);
    expect(main).toEqual([]);
  });
});

const ascending = (value: unknown): unknown => (Array.isArray(value) ? (value as number[]).toSorted((a, b) => a - b) : value);
