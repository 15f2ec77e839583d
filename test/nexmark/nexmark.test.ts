import { describe, expect, test } from "vitest";
import type { Reified, Runner } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import { smoke, type NexmarkConfig } from "../bench/nexmark/config.ts";
import { NexmarkGenerator, numberAt, sharesOf, timeOf, watermarkAt } from "../bench/nexmark/generator.ts";
import { JavaRandom } from "../bench/nexmark/java-random.ts";
import counting from "../bench/nexmark/counting.ts";
import nexmark, * as pipeline from "../bench/nexmark/pipeline.ts";
import { queries } from "../bench/nexmark/queries/index.ts";
import { eventsOf } from "../bench/nexmark/source.ts";
import { differenceOf } from "../support/multisets.ts";
import { ownFolder } from "../support/runs.ts";
import { isFull } from "../conformance/matrix.ts";

/** What Beam's own queries give, by the number of events; of q6 the sellers with a result. */
const counts: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  q0: { 100_000: 100_000 },
  q1: { 100_000: 92_000 },
  q2: { 100_000: 351 },
  q3: { 100_000: 580 },
  q4: { 10_000: 40 },
  q5: { 100_000: 12 },
  q6: { 10_000: 103 },
  q7: { 100_000: 1 },
  q8: { 100_000: 6_000 },
  q9: { 10_000: 298 },
  q10: { 100_000: 1 },
  q11: { 100_000: 1_919 },
  q12: { 100_000: 1_919 },
};

const runners: readonly (readonly [name: string, runner: Runner])[] = [
  ["directRunner", directRunner()],
  ["rxjsRunner", rxjsRunner()],
  ["threadsRunner, 2 threads", threadsRunner({ threads: 2 })],
  ["threadsRunner, 4 threads", threadsRunner({ threads: 4 })],
];

/** What a runner makes of a query; of q6, which gives a result for each auction, the last one of each seller. */
async function resultsOf(runner: Runner, query: string, config: Partial<NexmarkConfig>): Promise<readonly unknown[]> {
  const result = await runner.run(nexmark, { query, config: JSON.stringify(config) });
  const all = result.collected(pipeline.results);
  return (query === "q6" ? lastOfEach(all) : all).map(({ value }) => value);
}

function lastOfEach(all: readonly Reified<unknown>[]): readonly Reified<unknown>[] {
  const last = new Map<unknown, Reified<unknown>>();
  for (const each of all) {
    const [key] = each.value as readonly [unknown, unknown];
    const before = last.get(key);
    if (before === undefined || before.pane.index < each.pane.index) last.set(key, each);
  }
  return [...last.values()];
}

/** Both sides of a query, as multisets that are compared. */
async function mustAgree(runner: Runner, name: string, other: Partial<NexmarkConfig>): Promise<readonly unknown[]> {
  const given = name === "q10" ? { ...other, logFolder: ownFolder() } : other;
  const config = { ...smoke, ...given };
  const { byHand } = queries.find((query) => query.name === name)!;
  const results = await resultsOf(runner, name, given);
  expect(differenceOf(results, byHand(eventsOf(config), config))).toBeUndefined();
  return results;
}

const waitsForAuctions: ReadonlySet<string> = new Set(["q4", "q6", "q9"]);

describe.each(runners)("%s", (runnerName, runner) => {
  describe.each(queries.map(({ name }) => name))("%s", (name) => {
    const few = waitsForAuctions.has(name) ? 1_000 : 5_000;

    test("gives what a loop by hand gives", async () => {
      expect((await mustAgree(runner, name, { events: few })).length).toBeGreaterThan(0);
    });

    test("gives the same where events come out of order, from another first one, by other generators at another rate", async () => {
      const other = { events: few, outOfOrderGroupSize: 7, firstEventId: 12_350, numEventGenerators: 3, rate: 1_500 };
      expect((await mustAgree(runner, name, other)).length).toBeGreaterThan(0);
    });

    const sizes = Object.entries(counts[name] ?? {}).filter(() => isFull || (runnerName === "directRunner" && !waitsForAuctions.has(name)));
    test.each(sizes)("gives as many results of %s events as Beam", async (events, count) => {
      expect(await mustAgree(runner, name, { events: Number(events) })).toHaveLength(count);
    });
  });
});

/** The same where Beam's queries and Flink's were run on so many events; these are only counted. */
const largeCounts: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  1_000_000: { q1: 920_000, q2: 8_308, q3: 5_589, q5: 471, q7: 10, q8: 10_285, q11: 78_595 },
  5_000_000: { q1: 4_600_000, q5: 2_236, q7: 50, q8: 47_425, q11: 913_991 },
};

async function countOf(runner: Runner, query: string, events: number): Promise<number | undefined> {
  const result = await runner.run(counting, { query, config: JSON.stringify({ events }) });
  const [count] = result.metrics({ step: "Count", name: "elements_in", kind: "counter" });
  return count?.committed as number | undefined;
}

const casesOf = (events: number): readonly (readonly [query: string, events: number, count: number])[] =>
  Object.entries(largeCounts[events]!).map(([query, count]) => [query, events, count]);

describe.runIf(isFull)("many events", () => {
  const onAll = runners
    .slice(0, 3)
    .flatMap(([runnerName, runner]) => casesOf(1_000_000).map((each) => [runnerName, ...each, runner] as const));
  const onOne = casesOf(5_000_000).map((each) => ["directRunner", ...each, directRunner()] as const);

  test.each([...onAll, ...onOne])(
    "on %s %s gives of %i events %i results",
    { timeout: 120_000 },
    async (_, query, events, count, runner) => {
      expect(await countOf(runner, query, events)).toBe(count);
    },
  );
});

// The events of each generator are 100 s: bids that come first wait for auctions that another one makes at its end, and not for so long.
test.runIf(isFull).each([...waitsForAuctions])(
  "%s gives of a million events what a loop by hand gives, whose bids wait no longer than their windows",
  { timeout: 120_000 },
  async (query) => {
    expect((await mustAgree(directRunner(), query, { events: 1_000_000 })).length).toBeGreaterThan(0);
  },
);

describe("the generator", () => {
  test("draws the numbers of java.util.Random", () => {
    const random = new JavaRandom();
    random.seed(42);
    expect([random.nextInt32(), random.nextInt32()]).toEqual([-1_170_105_035, 234_785_527]);
    random.seed(42);
    expect([random.nextInt(10), random.nextInt(10), random.nextInt(10)]).toEqual([0, 3, 8]);
    random.seed(42);
    expect(random.nextDouble()).toBe(0.7275636800328681);
  });

  test("makes the same event of an id, whoever makes it", () => {
    const config = { ...smoke, events: 1_000 };
    const [one] = sharesOf({ ...config, numEventGenerators: 1 });
    const parts = sharesOf({ ...config, numEventGenerators: 4 });
    const [whole, part] = [new NexmarkGenerator(config).event(one!, 504), new NexmarkGenerator(config).event(parts[2]!, 4)];
    expect(part).toEqual({ ...whole, dateTime: part.dateTime }); // a bid
    expect(part.dateTime).toBeLessThan(whole.dateTime);
  });

  test("is never behind its watermark, and in groups out of order", () => {
    const config = { ...smoke, outOfOrderGroupSize: 10 };
    const numbers = Array.from({ length: 100 }, (_, n) => numberAt(n, config));
    expect(numbers).not.toEqual(numbers.toSorted((a, b) => a - b));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    numbers.forEach((_, n) => {
      for (const later of numbers.slice(n)) expect(timeOf(later, config)).toBeGreaterThanOrEqual(watermarkAt(n, config));
    });
  });
});
