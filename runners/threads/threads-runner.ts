import { availableParallelism } from "node:os";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { isDefinition } from "../../sdk/definition.ts";
import { PipelineError } from "../../sdk/errors.ts";
import type { Runner } from "../../sdk/running.ts";
import type { BundleResult } from "../core/bundle.ts";
import { differenceOf, fingerprintOf } from "../core/fingerprint.ts";
import { runnerOf, type Carrier, type Job } from "../core/run.ts";
import type { Plan } from "../core/plan.ts";
import type { Cut } from "../core/scheduler.ts";
import { wallClock } from "../node/clock.ts";
import { chance } from "../node/random.ts";
import { storageOfRun } from "../node/temporary-storage.ts";
import { findExport } from "../node/exported-pipeline.ts";
import { BatchCodec, type EncodedBatch } from "./batch-codec.ts";
import { workerOf } from "./exchange.ts";
import { ExchangeHint } from "./exchange-hint.ts";
import type { RoutedBatch, ToWorker } from "./protocol.ts";
import { WorkerPool, type PooledWorker } from "./worker-pool.ts";

/** How {@link threadsRunner} spreads the work. */
export interface ThreadsOptions extends Cut {
  /** How many worker threads there are; as many as the machine can run at once unless given. */
  readonly threads?: number;
}

/**
 * Runs pipelines on worker threads: keys and the parts of sources are spread over them. Each thread imports the module that
 * defines the pipeline and builds its own copy of the graph, so the pipeline has to be an exported `definePipeline(…)`.
 *
 * @throws PipelineError `BAD_OPTION` when `threads` is no whole number from 1 to 128.
 */
export function threadsRunner({ threads = Math.min(availableParallelism(), 128), ...given }: ThreadsOptions = {}): Runner {
  if (!Number.isInteger(threads) || threads < 1 || threads > 128) {
    throw new PipelineError("BAD_OPTION", { what: "threadsRunner takes a whole number of threads from 1 to 128", got: String(threads) });
  }
  const cut: Cut = { partitions: threads, ...given };
  const pool = new WorkerPool();
  return runnerOf({
    name: "threads",
    isForStreams: true,
    cut,
    clock: wallClock,
    random: chance,
    openStorage: storageOfRun,
    carrier: asBytes,
    drive: (job) => drive(job, cut, threads, pool),
  });
}

/** What begins on the main thread goes to workers as bytes; what `collect()` is given, and only that, comes here and is decoded. */
function asBytes(plan: Plan): Carrier<RoutedBatch> {
  const codec = new BatchCodec(plan);
  return { pack: (batch) => codec.encode(batch), unpack: (batch) => codec.decode(batch as EncodedBatch).values };
}

async function drive(job: Job<RoutedBatch>, cut: Cut, threads: number, pool: WorkerPool): Promise<void> {
  const begin = await beginningOf(job, cut);
  const workers = [...pool.take(threads)];
  let hasFailed = true;
  try {
    await Promise.all(workers.map((_, place) => beginAt(place, workers, begin, job, pool)));
    await introduce(workers);
    await dispatchAll(job, workers);
    hasFailed = job.signal.aborted;
  } finally {
    await pool.giveBack(workers, hasFailed);
  }
}

/** A worker from an earlier run may have died since, which nobody hears of before it is asked: another one takes its place. */
async function beginAt(place: number, workers: PooledWorker[], begin: ToWorker, job: Job<RoutedBatch>, pool: WorkerPool): Promise<void> {
  const worker = workers[place]!;
  try {
    await beginOn(worker, begin, job);
  } catch (error) {
    if (worker.isAlive || !worker.wasUsed) throw error;
    workers[place] = pool.fresh();
    await beginOn(workers[place], begin, job);
  }
}

/** Gives each worker a way to each other one. */
async function introduce(workers: readonly PooledWorker[]): Promise<void> {
  const peers = workers.map((): (MessagePort | undefined)[] => workers.map(() => undefined));
  for (let a = 0; a < workers.length; a++) {
    for (let b = a + 1; b < workers.length; b++) {
      const { port1, port2 } = new MessageChannel();
      peers[a]![b] = port1;
      peers[b]![a] = port2;
    }
  }
  const meet = (worker: PooledWorker, number: number): Promise<unknown> => {
    const ports = peers[number]!;
    return worker.ask(
      { kind: "meet", worker: number, peers: ports },
      ports.filter((port) => port !== undefined),
    );
  };
  await Promise.all(workers.map(meet));
}

async function beginningOf(job: Job<RoutedBatch>, cut: Cut): Promise<Extract<ToWorker, { kind: "begin" }>> {
  const { pipeline, options, isStrict, hasTaps, storage } = job;
  if (!isDefinition(pipeline)) {
    throw new PipelineError("MODULE_NEEDED", {
      what: "threadsRunner needs a pipeline that its threads can import, and this one is only a function",
      fix: "export default definePipeline(import.meta.url, …) from a module, and pass that; a runner on one thread takes functions too",
    });
  }
  const exportName = await findExport(pipeline.url, pipeline);
  return { kind: "begin", url: pipeline.url, exportName, options, cut, isStrict, hasTaps, temporaryFolder: storage?.folder };
}

async function beginOn(worker: PooledWorker, begin: ToWorker, { plan }: Job<RoutedBatch>): Promise<void> {
  const answer = await worker.ask(begin);
  if (answer.kind !== "begun") return;
  const difference = differenceOf(fingerprintOf(plan.graph), answer.fingerprint);
  if (difference === undefined) return;
  throw new PipelineError("FINGERPRINT_MISMATCH", {
    what: "a worker thread built another graph than the main thread, from the same module and the same options",
    got: difference,
    fix: "work out in an option what differs between builds, such as the time, a random number or the command line",
  });
}

/** Two messages for each bundle. Partition p of every stage lives on worker p modulo their number, where its state is. */
async function dispatchAll(
  { plan, scheduler, turn, time, signal, logger, whenNothingIsReady }: Job<RoutedBatch>,
  workers: readonly PooledWorker[],
): Promise<void> {
  const codec = new BatchCodec(plan);
  const hint = new ExchangeHint();
  const commit = ({ committables, ...result }: BundleResult<RoutedBatch>): void => {
    hint.add(result.metrics);
    scheduler.commit({ ...result, committables: committables.map((bytes) => codec.decodeCommittable(result.stage, bytes as Uint8Array)) });
  };
  const ownerOf = (partition: number): PooledWorker => workers[workerOf(partition, workers.length)]!;
  const tellOf = async ({ stage, partition }: BundleResult<RoutedBatch>): Promise<void> => {
    await ownerOf(partition).ask({ kind: "committed", stage, partition });
  };
  for (const worker of workers) {
    worker.onWoken = (woken) => {
      scheduler.wake(woken);
      turn.wakeUp();
    };
  }
  scheduler.onView = (view, pane) => {
    for (const worker of workers) turn.later(worker.ask({ kind: "view", view, pane: pane as EncodedBatch }).then(() => {}));
  };
  scheduler.onForget = (view, endsBefore) => {
    for (const worker of workers) turn.later(worker.ask({ kind: "forget", view, endsBefore }).then(() => {}));
  };
  for (;;) {
    if (signal.aborted) return; // what was under way fails by that, and not the run
    turn.begin();
    time.goOn?.();
    for (const bundle of scheduler.takeReady(time.now)) {
      const answer = ownerOf(bundle.partition).ask({ kind: "run", bundle });
      turn.later(
        answer.then((reply) => {
          if (reply.kind === "done") commit(reply.result);
          if (reply.kind === "done" && reply.result.wantsCommit) turn.later(tellOf(reply.result));
        }),
      );
    }
    if (scheduler.isDone) {
      const text = hint.text(workers.length);
      if (text !== undefined) logger.warn(text);
      return;
    }
    whenNothingIsReady();
    await turn.wake();
  }
}
