import { PipelineError } from "../../sdk/errors.ts";
import type { Graph } from "../../sdk/graph.ts";
import type { MetricKind, MetricQuery, MetricResult } from "../../sdk/metrics.ts";
import type { FinalState, Logger, PipelineResult, Runner, RunningPipeline, RunSettings } from "../../sdk/running.ts";
import type { StepStatus, Why } from "../../sdk/step-status.ts";
import { MAX_INSTANT } from "../../sdk/time.ts";
import { batchOf, type Batch, type Label } from "./batch.ts";
import { type AnyPipeline } from "./build-graph.ts";
import { sinkFailed } from "./failures.ts";
import { KEY_GROUPS } from "./key-groups.ts";
import { Outputs } from "./outputs.ts";
import { planStages, type Plan, type Stage } from "./plan.ts";
import type { Clock, Random, TemporaryStorage } from "./ports.ts";
import { RunMetrics } from "./run-metrics.ts";
import { BundleScheduler, type Cut } from "./scheduler.ts";
import { isLive, refuseEndless } from "./endless.ts";
import { loadPanes, needsPanes, type MakePanes } from "./groupings/load-panes.ts";
import { ManualTime, VirtualTime, WallTime, type ProcessingTime } from "./processing-time.ts";
import { buildAnyGraph, type TapSettings } from "./taps.ts";
import { SlowPartWarning } from "./slow-part.ts";
import { TestStreamPlayer } from "./test-stream-player.ts";
import { Turn } from "./turn.ts";
import { warningsOf, warningText } from "./warnings.ts";
import { stepStatuses, whyOf, type Moment } from "./why.ts";

/** How elements travel between the stages of a runner: as batches, or as something that it can send. */
export interface Carrier<B extends Label> {
  /** Elements that come from no bundle. */
  readonly pack: (batch: Batch) => B;
  /** The elements that came out at a `collect()`. */
  readonly unpack: (batch: B) => readonly unknown[];
}

/** Batches as they are, where sender and receiver share a thread. */
export const byReference: Carrier<Batch> = { pack: (batch) => batch, unpack: ({ values }) => values };

/** One run, as its runner sees it. */
export interface Job<B extends Label = Batch> {
  readonly pipeline: AnyPipeline;
  readonly options: Readonly<Record<string, unknown>>;
  readonly plan: Plan;
  readonly scheduler: BundleScheduler<B>;
  readonly outputs: Outputs<B>;
  readonly clock: Clock;
  readonly random: Random;
  /** Where what does not fit into memory goes; nothing where all is kept in memory. */
  readonly storage: TemporaryStorage | undefined;
  readonly turn: Turn;
  readonly time: ProcessingTime;
  /** See {@link loadPanes}. */
  readonly makePanes: MakePanes | undefined;
  readonly logger: Logger;
  /** See `RunSettings.strict`. */
  readonly isStrict: boolean;
  /** See {@link TapSettings}. */
  readonly hasTaps: boolean;
  /** Aborts when the run is cancelled or fails. */
  readonly signal: AbortSignal;
  /** Makes the signal abort. */
  readonly abort: () => void;
  /**
   * To be called when nothing more may run. When nothing is out either, it lets happen what waits for that: the next event of a
   * test stream, the commit of sinks that are finished, the passing of processing time. Wakes the turn when it has; without
   * anything of that kind the run is stalled. A cancel waits for a commit.
   */
  readonly whenNothingIsReady: () => void;
}

/** What makes a runner: how it cuts the work, and how it drives a job until that is done or its signal aborts. */
export interface RunnerParts<B extends Label> {
  /** What the runner is called, where a pipeline says which one it needs. */
  readonly name: string;
  /** Whether it runs what has no end. */
  readonly isForStreams: boolean;
  readonly cut: Cut;
  readonly clock: Clock;
  readonly random: Random;
  /** Makes a place for temporary files, in a folder where one is given; without it all is kept in memory. */
  readonly openStorage?: (folder: string | undefined) => TemporaryStorage;
  readonly carrier: (plan: Plan) => Carrier<B>;
  readonly drive: (job: Job<B>) => Promise<void>;
}

/** A runner from its parts. */
export function runnerOf<B extends Label>(parts: RunnerParts<B>): Runner {
  mustBeCut(parts.cut);
  const start = (pipeline: unknown, options: object = {}, settings: RunSettings = {}): RunningPipeline =>
    new Run(parts, { pipeline: pipeline as AnyPipeline, options: options as Readonly<Record<string, unknown>>, settings });
  return { start, run: async (...given: Parameters<typeof start>) => start(...given).done };
}

/** What a call of a runner passes. */
interface Call {
  readonly pipeline: AnyPipeline;
  readonly options: Readonly<Record<string, unknown>>;
  readonly settings: RunSettings;
}

function mustBeCut({ partitions = 1, elementsPerBundle = 1, memoryBudget = 1 }: Cut): void {
  if (!(memoryBudget > 0)) {
    throw new PipelineError("BAD_OPTION", {
      what: "a runner's memoryBudget is a number of bytes, more than none",
      got: String(memoryBudget),
    });
  }

  const isRight =
    Number.isInteger(partitions) &&
    partitions >= 1 &&
    partitions <= KEY_GROUPS &&
    Number.isInteger(elementsPerBundle) &&
    elementsPerBundle >= 1;
  if (isRight) return;
  throw new PipelineError("BAD_OPTION", {
    what: `a runner's cut has whole numbers: from 1 to ${KEY_GROUPS} partitions, and at least 1 element per bundle`,
    got: `partitions ${partitions}, elementsPerBundle ${elementsPerBundle}`,
  });
}

let isWorker = false;

/** Says that this thread runs the bundles of another one, so that a module that is imported here starts no runs of its own. */
export function becomeWorker(): void {
  isWorker = true;
}

class Run<B extends Label> implements RunningPipeline {
  readonly done: Promise<PipelineResult>;
  readonly #parts: RunnerParts<B>;
  readonly #ending = new AbortController();
  #state: RunningPipeline["state"] = "RUNNING";
  #isCommitting = false;
  #hasPublished = false;
  #isCancelled = false;
  /** Whether a cancel has ended the run. */
  #wasEnded = false;
  /** What a stop or a drain makes of the end. */
  #endsAs: "DONE" | "STOPPED" | "DRAINED" = "DONE";
  #scheduler: BundleScheduler<B> | undefined;
  #turn: Turn | undefined;
  #metrics: RunMetrics | undefined;
  #outputs: Outputs<B> | undefined;
  #player: TestStreamPlayer<B> | undefined;
  #time: ProcessingTime | undefined;
  #storage: TemporaryStorage | undefined;

  constructor(parts: RunnerParts<B>, call: Call) {
    if (isWorker) throw runInWorker();
    this.#parts = parts;
    this.done = this.#run(call);
  }

  get state(): RunningPipeline["state"] {
    return this.#state;
  }

  metrics<K extends MetricKind = MetricKind>(query?: MetricQuery<K>): readonly MetricResult<K>[] {
    return this.#metrics?.query(query) ?? [];
  }

  status(): readonly StepStatus[] {
    const moment = this.#moment();
    return moment === undefined ? [] : stepStatuses(moment);
  }

  why(step: string): Why {
    const moment = this.#moment();
    if (moment !== undefined) return whyOf(step, moment);
    throw new PipelineError("UNKNOWN_STEP", {
      what: "the pipeline has no steps, since its graph could not be built",
      got: JSON.stringify(step),
      fix: "await the run: it says why",
    });
  }

  #moment(): Moment | undefined {
    const [scheduler, metrics, time] = [this.#scheduler, this.#metrics, this.#time];
    if (scheduler === undefined || metrics === undefined || time === undefined) return undefined;
    return {
      plan: scheduler.plan,
      statuses: scheduler.plan.stages.map(({ id }) => scheduler.statusAt(id, time.now)),
      now: time.now,
      countOf: (id) => metrics.countOf(id),
    };
  }

  stop(): Promise<PipelineResult> {
    return this.#endBy("STOPPED", (scheduler) => scheduler.stop());
  }

  drain(): Promise<PipelineResult> {
    return this.#endBy("DRAINED", (scheduler) => scheduler.drain());
  }

  #endBy(state: "STOPPED" | "DRAINED", end: (scheduler: BundleScheduler<B>) => void): Promise<PipelineResult> {
    if (this.#state === "RUNNING" && this.#scheduler !== undefined) {
      this.#endsAs = state;
      end(this.#scheduler);
      this.#turn?.wakeUp();
    }
    return this.done;
  }

  cancel(): Promise<PipelineResult> {
    this.#cancel();
    return this.done;
  }

  /** Without `done`: who only asks for the end has not taken on what the run may fail with. */
  #cancel(): void {
    this.#isCancelled = true;
    // Once something is published it is too late: the rest follows, so that all of it is there and not a part.
    if (this.#isCommitting || this.#hasPublished || this.#state !== "RUNNING") return;
    this.#wasEnded = true;
    this.#end();
  }

  #end(): void {
    this.#ending.abort();
    this.#turn?.wakeUp();
  }

  async #run(call: Call): Promise<PipelineResult> {
    const { signal } = call.settings;
    const cancel = (): void => this.#cancel();
    try {
      const job = this.#job(call);
      if (signal?.aborted === true) this.#isCancelled = true;
      signal?.addEventListener("abort", cancel, { once: true });
      if (!this.#isCancelled) await this.#parts.drive(needsPanes(job.plan) ? { ...job, makePanes: await loadPanes() } : job);
      if (job.scheduler.isDone) {
        this.#player?.end();
        job.outputs.verify();
      }
      job.outputs.endObservers();
      return this.#resultOf(job.outputs, this.#isCancelled && !job.scheduler.isDone ? "CANCELLED" : this.#endsAs);
    } catch (error) {
      // What a cancel makes calls fail with is no failure of the run.
      if (this.#wasEnded && this.#outputs !== undefined) {
        this.#outputs.endObservers();
        return this.#resultOf(this.#outputs, "CANCELLED");
      }
      this.#state = "FAILED";
      this.#end();
      this.#outputs?.endObservers({ error });
      throw error;
    } finally {
      this.#time?.stopWaiting();
      await this.#storage?.close();
      signal?.removeEventListener("abort", cancel);
    }
  }

  #job({ pipeline, options: given, settings }: Call): Job<B> {
    const { cut, clock, random, carrier } = this.#parts;
    const { hasTaps = false }: TapSettings = settings;
    const { graph, options } = buildAnyGraph(pipeline, given, hasTaps);
    refuseForeign(graph, this.#parts.name);
    if (!this.#parts.isForStreams) refuseEndless(graph, this.#parts.name);
    const plan = planStages(graph, cut.partitions ?? 1);
    const { pack, unpack } = carrier(plan);
    const metrics = (this.#metrics = new RunMetrics(plan));
    const impulse = ({ id, outputs }: Stage): B => pack(batchOf({ target: id, collection: outputs[0]!.collection }, [undefined]));
    const scheduler = (this.#scheduler = new BundleScheduler(plan, cut, impulse, (result) => {
      metrics.add(result);
      outputs.tellObservers();
      if (result.reading.length > 0) slowParts[result.stage]!.look(() => scheduler.statusAt(result.stage, time.now), time.now);
    }));
    const outputs = (this.#outputs = new Outputs(plan.collects, scheduler.collected, unpack));
    const turn = (this.#turn = new Turn(clock));
    const logger = settings.logger ?? consoleLogger;
    const slowParts = plan.stages.map(() => new SlowPartWarning(logger));
    const isTested = graph.nodes.some(({ kind }) => kind === "testStream");
    for (const warning of warningsOf(graph)) logger.warn(warningText(warning), { step: warning.at });
    const virtual = new VirtualTime(isTested ? 0 : clock.now(), clock);
    const time = (this.#time = this.#timeOf(graph, settings) ?? virtual);
    const player = (this.#player = new TestStreamPlayer(plan, scheduler, pack, virtual));
    const wakeUp = (): void => turn.wakeUp();
    const whenNothingIsReady = (): void => {
      if (this.#isCommitting) return; // a round that comes in between finds nothing to do either
      if (!scheduler.isIdle) time.wakeAt(scheduler.nextDeadline, wakeUp);
      else if (player.next()) wakeUp();
      else if (scheduler.finishedSinks.length > 0) turn.later(this.#commit(scheduler, pack, time));
      else if (scheduler.endAfterStop()) wakeUp();
      else if (!time.waitUntil(scheduler.nextDeadline, wakeUp, scheduler.mayBeWoken)) throw scheduler.stalled();
    };
    return {
      pipeline,
      options,
      plan,
      scheduler,
      outputs,
      clock,
      random,
      storage: (this.#storage = this.#parts.openStorage?.(cut.temporaryFolder)),
      turn,
      logger,
      isStrict: settings.strict === true,
      hasTaps,
      signal: this.#ending.signal,
      abort: () => this.#ending.abort(),
      whenNothingIsReady,
      time,
      makePanes: undefined,
    };
  }

  /** Processing time, where it is not virtual. */
  #timeOf(graph: Graph, settings: RunSettings): ProcessingTime | undefined {
    const { clock, isForStreams } = this.#parts;
    const stream = graph.nodes.find(({ kind }) => kind === "testStream");
    if (typeof settings.clock === "object") {
      if (stream === undefined) return new ManualTime(settings.clock);
      throw new PipelineError("BAD_OPTION", {
        what: "a run has a manual clock, and a test stream that says what time it is",
        at: stream.path,
        fix: "leave settings.clock out, and move processing time by the stream's own events",
      });
    }
    const isOnWall = (settings.clock === "wall" && stream === undefined) || (isForStreams && isLive(graph));
    return isOnWall ? new WallTime(clock) : undefined;
  }

  /** Publishes sink after sink, in the order of the graph. */
  async #commit(scheduler: BundleScheduler<B>, pack: Carrier<B>["pack"], time: ProcessingTime): Promise<void> {
    this.#isCommitting = true;
    const published: string[] = [];
    try {
      for (const { stage, committables } of scheduler.finishedSinks) {
        await commitTo(stage, committables, published);
        published.push(stage.path);
        this.#hasPublished = true;
        const batches = committables.length === 0 ? [] : [pack(batchOf(stage.slots[0]!, committables))];
        scheduler.proceed(stage, batches, MAX_INSTANT, time.now);
      }
    } finally {
      this.#isCommitting = false;
    }
  }

  #resultOf(outputs: Outputs<B>, state: FinalState): PipelineResult {
    this.#state = state;
    return { state, metrics: (query) => this.metrics(query), why: (step) => this.why(step), collected: (handle) => outputs.of(handle) };
  }
}

async function commitTo({ head, path }: Stage, committables: readonly unknown[], published: readonly string[]): Promise<void> {
  if (head.kind !== "sink") return;
  try {
    await head.sink.commit(committables);
  } catch (error) {
    throw sinkFailed(path, error, published);
  }
}

/** What a runner cannot do is refused before anything runs. */
function refuseForeign({ nodes }: Graph, runner: string): void {
  const node = nodes.find(({ onlyOn }) => onlyOn !== undefined && onlyOn !== runner);
  if (node === undefined) return;
  throw new PipelineError("NOT_SUPPORTED", {
    what: `this step runs on the ${node.onlyOn} runner only, and this is the ${runner} runner`,
    at: node.path,
    fix: `run the pipeline on ${node.onlyOn}Runner(), or leave the step out`,
  });
}

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
