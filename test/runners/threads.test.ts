import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { create, type PipelineError, type Runner } from "millrace";
import { threadsRunner } from "millrace/runners/threads";
import type { FromWorker, Numbered, RoutedBatch } from "../../runners/threads/protocol.ts";
import { EventLog, failureOfRun, until } from "../support/runs.ts";
import { outputsOf, run } from "../support/scenarios.ts";
import { shown } from "./pipelines/hidden-in-worker.ts";
import notDeterministic from "./pipelines/not-deterministic.ts";
import { hidden } from "./pipelines/not-exported.ts";
import runsItself, { state } from "./pipelines/runs-itself.ts";
import spread, { collectedBySpread } from "./pipelines/spread.ts";
import throwsInWorker from "./pipelines/throws-in-worker.ts";

describe("a worker that dies ends the run", () => {
  test.each([
    ["process.exit", /exit code 3/],
    ["an error that nobody catches", /outside of everything/],
    ["a rejection that nobody handles", /outside of everything/],
  ])("by %s, and says how", async (how, text) => {
    const error = await failureOfRun(run(threadsRunner({ threads: 1 }), "dies", how));
    expect(error).toMatchObject({ code: "WORKER_DIED", message: expect.stringMatching(text) });
  });

  test("and the runner's next run has new ones", async () => {
    const runner = threadsRunner({ threads: 2 });
    await failureOfRun(run(runner, "dies", "process.exit"));
    expect(await outputsOf(runner, "reads", "reads its parts")).toMatchObject({ numbers: { length: 6 } });
  });
});

describe("a worker is used again", () => {
  /** The threads that instances were set up on: their numbers begin with that of the thread. */
  const threadsOf = ({ events }: EventLog): ReadonlySet<number> =>
    new Set(events.filter((event) => event.endsWith(" setup")).map((event) => Math.floor(parseInt(event, 10) / 100)));
  const threadsOfRun = async (runner: Runner, throwsIn: string): Promise<ReadonlySet<number>> => {
    const log = new EventLog();
    await run(runner, "lifecycle", throwsIn, { log: log.path }).catch(() => {});
    return threadsOf(log);
  };

  test("by the next run, but not if its run has failed, since user code may have left anything behind", async () => {
    const runner = threadsRunner({ threads: 1 });
    const first = await threadsOfRun(runner, "nowhere");
    expect(await threadsOfRun(runner, "process")).toEqual(first);
    expect(await threadsOfRun(runner, "nowhere")).not.toEqual(first);
  });

  test("unless it has died meanwhile", async () => {
    const runner = threadsRunner({ threads: 1 });
    const log = new EventLog();
    const signalFile = join(dirname(log.path), "now");
    let isGone = false;
    process.once("worker", (worker) => worker.once("exit", () => (isGone = true)));
    await run(runner, "diesLater", signalFile, { log: log.path });
    writeFileSync(signalFile, "");
    await until(() => isGone);
    expect(log.events).toEqual(["gone"]);
    expect(await outputsOf(runner, "reads", "reads its parts")).toMatchObject({ numbers: { length: 6 } });
  });
});

describe("a module", () => {
  test("that throws on the worker is MODULE_NOT_LOADED, with what it threw", async () => {
    const error = await failureOfRun(threadsRunner({ threads: 1 }).run(throwsInWorker));
    expect(error).toMatchObject({
      code: "MODULE_NOT_LOADED",
      parts: { at: expect.stringMatching(/throws-in-worker\.ts$/) },
      cause: { name: "RangeError", message: "not on this thread", stack: expect.stringMatching(/throws-in-worker\.ts:8:/) },
    });
  });

  test("that exports its pipeline on the main thread only is PIPELINE_NOT_EXPORTED", async () => {
    const error = await failureOfRun(threadsRunner({ threads: 1 }).run(shown as never));
    expect(error).toMatchObject({ code: "PIPELINE_NOT_EXPORTED", message: expect.stringContaining('"shown"') });
  });

  test("that does not export its pipeline at all is PIPELINE_NOT_EXPORTED", async () => {
    const error = await failureOfRun(threadsRunner({ threads: 1 }).run(hidden()));
    expect(error).toMatchObject({ code: "PIPELINE_NOT_EXPORTED", parts: { got: expect.stringMatching(/"hidden".*exports hidden/) } });
  });

  test("that runs its pipeline when it is imported is told so on the worker, where that would never end", async () => {
    expect(state, "on the main thread it may").toBe("DONE");
    const error = await failureOfRun(threadsRunner({ threads: 1 }).run(runsItself));
    expect(error).toMatchObject({
      code: "MODULE_NOT_LOADED",
      cause: { code: "RUN_IN_WORKER", parts: { fix: expect.stringContaining("guard") } },
    });
  });

  test("is needed: a function cannot be sent", async () => {
    const error = await failureOfRun(threadsRunner({ threads: 1 }).run((p) => void p.apply(create([1]))));
    expect(error).toMatchObject({ code: "MODULE_NEEDED", parts: { fix: expect.stringContaining("definePipeline") } });
  });

  test("whose builder is not deterministic is a FINGERPRINT_MISMATCH that shows both versions", async () => {
    const error = (await failureOfRun(threadsRunner({ threads: 1 }).run(notDeterministic))) as PipelineError;
    expect(error.code).toBe("FINGERPRINT_MISMATCH");
    expect(error.parts.got).toMatch(/step Main: map[^]*step Worker: map|step Main: parDo map[^]*step Worker: parDo map/);
  });
});

test.each([0, -1, 1.5, NaN, 129, "2"])("threadsRunner takes no %j threads", (threads) => {
  expect(() => threadsRunner({ threads: threads as number })).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", message: expect.stringContaining("1 to 128") }),
  );
});

describe("work is spread over threads", () => {
  const runner = threadsRunner({ threads: 2 });

  test("by key and by batch, each key on one thread", async () => {
    const result = await runner.run(spread);
    const { groups, threads, counts } = collectedBySpread();
    const found = result.collected(groups) as readonly (readonly [key: number, thread: number, size: number])[];
    expect(found.map(([key]) => key).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, key) => key));
    expect(found.every(([, , size]) => size === 60)).toBe(true);
    expect(new Set(found.map(([, thread]) => thread)).size).toBe(2);
    expect(new Set(result.collected(threads)).size).toBe(2);
    expect(result.collected(counts).every(([, n]) => n === 60)).toBe(true);
  });

  test("without passing through the main thread, which has their labels", async () => {
    const given: RoutedBatch[] = [];
    const listen = (worker: Worker): void => {
      worker.on("message", ({ message }: Numbered<FromWorker>) => {
        if (message.kind === "done") given.push(...message.result.batches);
      });
    };
    process.on("worker", listen);
    try {
      await threadsRunner({ threads: 2 }).run(spread);
    } finally {
      process.off("worker", listen);
    }
    const sizeOf = (batches: readonly RoutedBatch[]): number => batches.reduce((sum, { size }) => sum + size, 0);
    const [labels, inBytes] = [given.filter((each) => "name" in each), given.filter((each) => "values" in each)];
    expect(labels.length + inBytes.length).toBe(given.length);
    expect(sizeOf(inBytes), "50 groups, 3,000 threads and 50 counts, for collect()").toBe(3_100);
    expect(sizeOf(labels), "all elements to the grouping, and to where they are spread").toBeGreaterThan(6_000);
  });

  test("of a pool that is used again", async () => {
    const threadsOf = async (): Promise<ReadonlySet<number>> => {
      const result = await runner.run(spread);
      return new Set(result.collected(collectedBySpread().threads));
    };
    expect(await threadsOf()).toEqual(await threadsOf());
  });

  test("of as many partitions as a cut says", async () => {
    const result = await threadsRunner({ threads: 2, partitions: 5, elementsPerBundle: 7 }).run(spread);
    expect(result.collected(collectedBySpread().counts).every(([, n]) => n === 60)).toBe(true);
    expect(result.collected(collectedBySpread().threads)).toHaveLength(3_000);
  });
});
