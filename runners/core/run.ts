import { PipelineError } from "../../sdk/errors.ts";
import type { Graph } from "../../sdk/graph.ts";
import type { MetricKind, MetricQuery, MetricResult } from "../../sdk/metrics.ts";
import type { FinalState, Logger, PipelineResult, Runner, RunningPipeline, RunSettings } from "../../sdk/running.ts";
import { CollectedFrom, type Collected } from "../../sdk/transforms/collect.ts";
import { buildGraph, type AnyPipeline } from "./build-graph.ts";
import { planStages, type Plan } from "./plan.ts";
import type { Clock } from "./ports.ts";
import { RunMetrics } from "./run-metrics.ts";
import { BundleScheduler, type Cut } from "./scheduler.ts";
import { sinkFailed } from "./failures.ts";
import { Turn } from "./turn.ts";
import { batchOf } from "./scheduler.ts";
import type { Batch } from "./batch.ts";

/** One run, as its runner sees it. */
export interface Job {
  readonly pipeline: AnyPipeline;
  readonly options: Readonly<Record<string, unknown>>;
  readonly graph: Graph;
  readonly plan: Plan;
  readonly scheduler: BundleScheduler;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly logger: Logger;
  /** Aborts when the run is cancelled or fails. */
  readonly signal: AbortSignal;
  /**
   * Publishes what the finished sinks have written and wakes the turn; without one of them the run is stalled. Called when
   * nothing may run and nothing is out. A cancel waits for the commit.
   */
  commitSinks(): void;
}

/** What makes a runner: how it cuts the work, and how it drives a job until that is done or its signal aborts. */
export interface RunnerParts {
  readonly cut: Cut;
  readonly clock: Clock;
  /** How an impulse and what was committed travel; as they are unless given. */
  readonly batchFor?: (plan: Plan) => (target: number, values: readonly unknown[]) => Batch;
  readonly drive: (job: Job) => Promise<void>;
}

/** A runner from its parts. */
export function runnerOf(parts: RunnerParts): Runner {
  const start = (pipeline: unknown, options: object = {}, settings: RunSettings = {}): RunningPipeline =>
    new Run(parts, pipeline as AnyPipeline, options as Readonly<Record<string, unknown>>, settings);
  return { start, run: async (...given: Parameters<typeof start>) => start(...given).done };
}

let isWorker = false;

/** Says that this thread runs the bundles of another one, so that a module that is imported here starts no runs of its own. */
export function becomeWorker(): void {
  isWorker = true;
}

class Run implements RunningPipeline {
  readonly done: Promise<PipelineResult>;
  #state: RunningPipeline["state"] = "RUNNING";
  readonly #ending = new AbortController();
  #isCommitting = false;
  #isCancelled = false;
  #turn: Turn | undefined;
  #metrics: RunMetrics | undefined;

  constructor(parts: RunnerParts, pipeline: AnyPipeline, options: Readonly<Record<string, unknown>>, settings: RunSettings) {
    if (isWorker) throw runInWorker();
    this.done = this.#run(parts, pipeline, options, settings);
  }

  get state(): RunningPipeline["state"] {
    return this.#state;
  }

  metrics<K extends MetricKind = MetricKind>(query?: MetricQuery<K>): readonly MetricResult<K>[] {
    return this.#metrics?.query(query) ?? [];
  }

  cancel(): Promise<PipelineResult> {
    this.#isCancelled = true;
    // What a commit is publishing must not be taken away under it.
    if (!this.#isCommitting && this.#state === "RUNNING") this.#end();
    return this.done;
  }

  #end(): void {
    this.#ending.abort();
    this.#turn?.wakeUp();
  }

  async #run(parts: RunnerParts, pipeline: AnyPipeline, options: Readonly<Record<string, unknown>>, settings: RunSettings): Promise<PipelineResult> {
    const cancel = (): void => void this.cancel().catch(() => {}); // the failure is the run's, and `done` has it
    try {
      const job = this.#job(parts, pipeline, options, settings);
      if (settings.signal?.aborted === true) this.#isCancelled = true;
      else settings.signal?.addEventListener("abort", cancel, { once: true });
      if (!this.#isCancelled) await parts.drive(job);
      return this.#resultOf(job, this.#isCancelled && !job.scheduler.isDone ? "CANCELLED" : "DONE");
    } catch (error) {
      this.#state = "FAILED";
      this.#end();
      throw error;
    } finally {
      settings.signal?.removeEventListener("abort", cancel);
    }
  }

  #job({ cut, clock, batchFor: batchesOf }: RunnerParts, pipeline: AnyPipeline, options: Readonly<Record<string, unknown>>, settings: RunSettings): Job {
    const graph = buildGraph(pipeline, options);
    const plan = planStages(graph, cut.partitions ?? 1);
    const metrics = (this.#metrics = new RunMetrics(plan));
    const batchFor = batchesOf?.(plan) ?? batchOf;
    const scheduler = new BundleScheduler(plan, cut, (target) => batchFor(target, [undefined]), (result) => metrics.add(result));
    const turn = (this.#turn = new Turn(clock));
    const commitSinks = (): void => {
      if (scheduler.finishedSinks.length === 0) throw scheduler.stalled();
      this.#commit(scheduler, batchFor).then(
        () => turn.wakeUp(),
        (error: unknown) => turn.fail(error),
      );
    };
    return { pipeline, options, graph, plan, scheduler, clock, turn, logger: settings.logger ?? consoleLogger, signal: this.#ending.signal, commitSinks };
  }

  /** Publishes sink after sink, in the order of the graph. */
  async #commit(scheduler: BundleScheduler, batchFor: (target: number, values: readonly unknown[]) => Batch): Promise<void> {
    this.#isCommitting = true;
    const published: string[] = [];
    try {
      for (const { stage, committables } of scheduler.finishedSinks) {
        if (stage.head.kind !== "sink") continue;
        await stage.head.sink.commit(committables).catch((error: unknown) => {
          throw sinkFailed(stage.path, error, published);
        });
        published.push(stage.path);
        scheduler.committed(stage, committables.length === 0 ? [] : [batchFor(stage.slots[0]!.target, committables)]);
      }
    } finally {
      this.#isCommitting = false;
      if (this.#isCancelled) this.#end();
    }
  }

  #resultOf({ plan, scheduler }: Job, state: FinalState): PipelineResult {
    this.#state = state;
    return {
      state,
      metrics: (query) => this.metrics(query),
      collected: <T>(handle: Collected<T>) => {
        const place = handle instanceof CollectedFrom ? plan.collects.findIndex(({ node }) => node === (handle as CollectedFrom).node) : -1;
        if (place === -1) throw notCollected();
        return scheduler.collected[place]!.flatMap(({ values }) => values) as readonly T[];
      },
    };
  }
}

const notCollected = (): PipelineError =>
  new PipelineError("NOT_COLLECTED", { what: "this handle comes from no collect() of the pipeline that was run", fix: "keep what .apply(collect()) gave in the builder of this run" });

const runInWorker = (): PipelineError =>
  new PipelineError("RUN_IN_WORKER", {
    what: "a module that a worker thread imported starts a run, which would start workers without end",
    fix: "move the call into another module, or guard it so that only the main program makes it",
  });

/** Warnings and errors go to stderr, where they do not mix with what a program prints. */
const consoleLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (text) => console.warn(text),
  error: (text) => console.error(text),
};
