import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import {
  boundedSource,
  manualWatermark,
  tap,
  type Chunk,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type PTransform,
  type Runner,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import { costOf, type Cost } from "../compare.ts";
import { smoke, type NexmarkConfig } from "./config.ts";
import type { Event } from "./model.ts";
import counting from "./counting.ts";
import { queries } from "./queries/index.ts";
import type { Query } from "./query.ts";
import { measureLatency } from "./measure-latency.ts";
import { ratioPlot } from "./plot.ts";
import { profiled, type Shares } from "./shares.ts";
import { chunksOf } from "./source.ts";

// `npm run nexmark -- --runner direct --events 1000000 --queries all`: what each query costs, with the generator and on events that were
// made beforehand, there against a loop by hand in the same process.

const { values: asked } = parseArgs({
  options: {
    runner: { type: "string", default: "direct" },
    threads: { type: "string", default: "2" },
    events: { type: "string", default: "100000" },
    queries: { type: "string", default: "all" },
    /** Events a second by the clock: then it is measured how long results take, and not what they cost. */
    rate: { type: "string" },
    seconds: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
    /** Where to draw the ratios of what `--json` gave, which comes from standard input: then nothing is measured. */
    plot: { type: "string" },
  },
});
const runners: Readonly<Record<string, () => Runner>> = {
  direct: directRunner,
  rxjs: rxjsRunner,
  threads: () => threadsRunner({ threads: Number(asked.threads) }),
};
const make = runners[asked.runner];
if (make === undefined) throw new Error(`--runner is one of ${Object.keys(runners).join(", ")}, and not ${asked.runner}`);
const runner = make();
const names = asked.queries === "all" ? queries.map(({ name }) => name) : asked.queries.split(",");
const chosen = queries.filter(({ name }) => names.includes(name));
const unknown = names.filter((name) => !chosen.some((query) => query.name === name));
if (unknown.length > 0)
  throw new Error(`--queries are all, or some of ${queries.map(({ name }) => name).join(",")}, and not ${unknown.join(",")}`);

const logFolder = await mkdtemp(join(tmpdir(), "millrace-nexmark-"));
const config: NexmarkConfig = { ...smoke, events: Number(asked.events), logFolder };

/** The queries that have a loop by hand that does all that they do. */
const twins: ReadonlySet<string> = new Set(["q0", "q1", "q2", "q3", "q4", "q5", "q7", "q8", "q9", "q11"]);

/** The cheapest of some runs, after one that is not counted; each begins when what others have left is collected. */
async function bestOf(work: () => Promise<unknown>, times = 3): Promise<Cost> {
  await work();
  const costs: Cost[] = [];
  for (let n = 0; n < times; n++) {
    globalThis.gc!();
    costs.push(await costOf(work));
  }
  return costs.toSorted((a, b) => a.cpuMs - b.cpuMs)[0]!;
}

/** Events that were made beforehand. */
const made = (chunks: readonly Chunk<Event>[]): PTransform<Pipeline, PCollection<Event>> =>
  boundedSource<Event, OffsetRange>({
    name: "Made",
    watermark: manualWatermark(),
    restriction: () => ({ from: 0, to: chunks.length }),
    split: (whole) => [whole],
    async *read({ from, to }, tracker) {
      for (let n = from; n < to && tracker.tryClaim(n); n++) yield chunks[n]!;
    },
  });

/** One query on events that are there, on the runner: how many results it gives. */
async function onMade({ query }: Query, chunks: readonly Chunk<Event>[]): Promise<number> {
  let results = 0;
  await runner.run((p) =>
    p
      .apply("Events", made(chunks))
      .apply("Query", query(config, p))
      .apply(
        "Count",
        tap(() => void results++),
      ),
  );
  return results;
}

/** The same with the generator, in whatever thread. */
async function withGenerator(query: string): Promise<number> {
  const result = await runner.run(counting, { query, config: JSON.stringify({ events: config.events, logFolder }) });
  const [count] = result.metrics({ step: "Count", name: "elements_in", kind: "counter" });
  return count?.committed ?? 0;
}

/** The most memory that was seen while something ran, in MB. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  let peak = process.memoryUsage().rss;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  await work();
  clearInterval(timer);
  return Math.max(peak, process.memoryUsage().rss) / 2 ** 20;
}

interface Line {
  readonly query: string;
  readonly runner: string;
  readonly events: number;
  readonly results: number;
  readonly eventsPerSecond: number;
  readonly nsOverGenerator: number;
  readonly cpuSecondsPerMillion: number;
  readonly ratio: number | undefined;
  readonly peakMb: number;
  readonly shares: Shares;
}

try {
  if (asked.plot !== undefined) await plot(asked.plot);
  else if (asked.rate === undefined) await costs();
  else await latencies(Number(asked.rate));
} finally {
  await rm(logFolder, { recursive: true });
}

async function plot(path: string): Promise<void> {
  const lines: Line[] = [];
  for await (const line of createInterface(process.stdin)) lines.push(JSON.parse(line) as Line);
  const ratios = lines.flatMap(({ query, runner: on, ratio }) => (ratio === undefined ? [] : [{ query, runner: on, ratio }]));
  await writeFile(path, ratioPlot(ratios, `Nexmark, ${lines[0]?.events ?? 0} events: CPU against a loop by hand (dashed line: 1)`));
}

async function costs(): Promise<void> {
  // With the generator first: events that are there make the collector's work heavier.
  const generator = await bestOf(() => withGenerator("none"));
  const lines: Line[] = [];
  for (const { name } of chosen) lines.push(await costWithGenerator(name, generator));
  const sum = asked.runner === "threads" ? undefined : await addRatios(lines);
  for (const line of lines) print(line);
  const summed = sum === undefined ? "" : `; the queries with a twin by hand together: ${sum.toFixed(2)}x its CPU`;
  const alone = Math.round((generator.cpuMs * 1e6) / config.events);
  const tell = asked.json ? console.error : console.log; // lines for programs are for themselves
  tell(`generator alone: ${alone} ns an event${summed}; load ${loadavg()[0]!.toFixed(1)}`);
}

async function costWithGenerator(query: string, generator: Cost): Promise<Line> {
  const results = await withGenerator(query);
  const whole = await bestOf(() => withGenerator(query), 2);
  const peakMb = await peakOf(() => withGenerator(query));
  return {
    query,
    runner: asked.runner,
    events: config.events,
    results,
    eventsPerSecond: Math.round((config.events / whole.wallMs) * 1_000),
    nsOverGenerator: Math.round(((whole.cpuMs - generator.cpuMs) * 1e6) / config.events),
    cpuSecondsPerMillion: (whole.cpuMs * 1e3) / config.events,
    ratio: undefined,
    peakMb,
    shares: await profiled(() => withGenerator(query)),
  };
}

/** Measures queries on events that were made beforehand against loops by hand; answers the ratio of all that have a whole twin. */
async function addRatios(lines: Line[]): Promise<number> {
  const chunks = chunksOf(config);
  const events = chunks.flatMap(({ values }) => values);
  let [ours, plain] = [0, 0];
  for (const [i, query] of chosen.entries()) {
    const hand = await bestOf(async () => query.byHand(events, config));
    const own = await bestOf(() => onMade(query, chunks));
    lines[i] = { ...lines[i]!, ratio: own.cpuMs / hand.cpuMs };
    if (twins.has(query.name)) [ours, plain] = [ours + own.cpuMs, plain + hand.cpuMs];
  }
  return ours / plain;
}

/** How long the results of queries take that come by the clock. */
async function latencies(rate: number): Promise<void> {
  const about = { rate, seconds: Number(asked.seconds), warmUp: Math.min(5, Number(asked.seconds) / 4) };
  for (const { name } of chosen) {
    const latency = await measureLatency(runner, name, about);
    if (asked.json) console.log(JSON.stringify({ query: name, runner: asked.runner, rate, ...latency }));
    else {
      const { p50, p99, p999, most, results } = latency;
      const ms = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(1));
      console.log(
        `${name}, ${rate} events/s: ${results} results, p50 ${ms(p50)} ms, p99 ${ms(p99)}, p99.9 ${ms(p999)}, most ${ms(most)}; load ${loadavg()[0]!.toFixed(1)}`,
      );
    }
  }
}

function print(line: Line): void {
  if (asked.json) {
    console.log(JSON.stringify(line));
    return;
  }
  const { query, results, eventsPerSecond, nsOverGenerator, cpuSecondsPerMillion, ratio, peakMb, shares } = line;
  const parts = Object.entries(shares).map(([part, share]) => `${part} ${Math.round(share * 100)} %`);
  console.log(
    `${query}: ${results} results, ${eventsPerSecond} events/s, ${nsOverGenerator} ns an event over the generator, ` +
      `${cpuSecondsPerMillion.toFixed(2)} CPU s a million, ${ratio === undefined ? "" : `${ratio.toFixed(2)}x by hand, `}${peakMb.toFixed(0)} MB; ${parts.join(", ")}`,
  );
}
