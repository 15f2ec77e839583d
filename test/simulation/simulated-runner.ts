import { setImmediate } from "node:timers/promises";
import { MAX_INSTANT, type Instant, type Runner } from "millrace";
import type { Batch, Label } from "../../runners/core/batch.ts";
import type { Bundle, BundleResult } from "../../runners/core/bundle.ts";
import { BundleExecutor } from "../../runners/core/executor.ts";
import type { Plan } from "../../runners/core/plan.ts";
import { byReference, runnerOf, type Carrier, type Job } from "../../runners/core/run.ts";
import type { Cut } from "../../runners/core/scheduler.ts";
import { Views } from "../../runners/core/side-inputs/views.ts";
import { BatchCodec, type EncodedBatch } from "../../runners/threads/batch-codec.ts";
import type { Seeded, Trace } from "./seeded.ts";
import { SimulatedClock } from "./simulated-clock.ts";

/** What a run is to have, besides what its seed decides. */
export interface Simulated {
  readonly seeded: Seeded;
  readonly trace: Trace;
  /** Whether no element of any source is late: then nothing may ever be behind a watermark. */
  readonly isHonest: boolean;
  /** After how many things that happened the process dies; never unless given. */
  readonly crashAfter?: number;
}

/** More things do not happen in any of these runs: one that goes on is one that does not end. */
const MOST_STEPS = 20_000;

/** What a run fails with that is to die. */
export class Crash extends Error {}

/**
 * Runs pipelines on the real engine, in an order that a seed picks: which bundles are handed out, which of several workers goes on, when
 * what is done is taken in, how the work is cut, and what the clock does meanwhile. With several workers batches travel as bytes.
 */
export function simulatedRunner(simulated: Simulated): { readonly runner: Runner; readonly clock: SimulatedClock } {
  const { seeded } = simulated;
  const workers = seeded.between(1, 3);
  const cut: Cut = { partitions: seeded.between(1, 5), elementsPerBundle: seeded.between(1, 12), generatesCode: seeded.chance(0.5) };
  const clock = new SimulatedClock(seeded);
  const parts = { name: "simulated", isForStreams: true, cut, clock, random: seeded.random };
  if (workers === 1) {
    const make = (job: Job): Worker<Batch>[] => [new Worker(job, cut, true, byReferenceToo)];
    return {
      runner: runnerOf({ ...parts, carrier: () => byReference, drive: (job) => new Simulation(simulated, clock, job, make(job)).run() }),
      clock,
    };
  }
  const make = (job: Job<EncodedBatch>): Worker<EncodedBatch>[] =>
    Array.from({ length: workers }, () => new Worker(job, cut, false, asBytes(job.plan)));
  return { runner: runnerOf({ ...parts, carrier: bytes, drive: (job) => new Simulation(simulated, clock, job, make(job)).run() }), clock };
}

/** How a worker gets its batches, and gives them back. */
interface Transport<B extends Label> {
  readonly decode: (batch: B) => Batch;
  readonly encode: (batch: Batch) => B;
  readonly committable: (stage: number, committable: unknown) => unknown;
}

const byReferenceToo: Transport<Batch> = { decode: (batch) => batch, encode: (batch) => batch, committable: (_, each) => each };

function asBytes(plan: Plan): Transport<EncodedBatch> {
  const codec = new BatchCodec(plan);
  return {
    decode: (batch) => codec.decode(batch),
    encode: (batch) => codec.encode(batch),
    committable: (stage, each) => codec.decodeCommittable(stage, codec.encodeCommittable(stage, each)),
  };
}

function bytes(plan: Plan): Carrier<EncodedBatch> {
  const codec = new BatchCodec(plan);
  return { pack: (batch) => codec.encode(batch), unpack: (batch) => codec.decode(batch).values };
}

/** Runs the bundles of its partitions, in the order in which it is told of them and of views; what it has done waits to be taken in. */
class Worker<B extends Label> {
  readonly inbox: (() => void | Promise<void>)[] = [];
  readonly outbox: BundleResult<B>[] = [];
  readonly #executor: BundleExecutor;
  readonly #views: Views;
  readonly #transport: Transport<B>;

  constructor(job: Job<B>, cut: Cut, staysHere: boolean, transport: Transport<B>) {
    this.#views = new Views(job.plan.views);
    this.#transport = transport;
    const { plan, options, clock, random, isStrict, makePanes, signal } = job;
    const onWake = (woken: Parameters<typeof job.scheduler.wake>[0]): void => job.scheduler.wake(woken);
    this.#executor = new BundleExecutor({
      plan,
      options,
      clock,
      random,
      isStrict,
      makePanes,
      signal,
      cut,
      staysHere,
      views: this.#views,
      onWake,
    });
  }

  run(bundle: Bundle<B>): void {
    const { encode, decode, committable } = this.#transport;
    this.inbox.push(async () => {
      const result = await this.#executor.run({ ...bundle, batches: bundle.batches.map(decode) });
      this.outbox.push({
        ...result,
        batches: result.batches.map(encode),
        residuals: result.residuals.map(encode),
        resting: result.resting.map((each) => ({ ...each, batch: encode(each.batch) })),
        blocked: result.blocked.map((each) => ({ ...each, batch: encode(each.batch) })),
        committables: result.committables.map((each) => committable(result.stage, each)),
      });
    });
  }

  show(view: number, pane: B): void {
    this.inbox.push(() => this.#views.put(view, this.#transport.decode(pane)));
  }

  forget(view: number, endsBefore: Instant): void {
    this.inbox.push(() => this.#views.forget(view, endsBefore));
  }

  committed(result: BundleResult<B>): void {
    this.inbox.push(() => this.#executor.committed(result));
  }

  close(): Promise<void> {
    return this.#executor.close();
  }
}

/** One run. */
class Simulation<B extends Label> {
  readonly #given: Simulated;
  readonly #clock: SimulatedClock;
  readonly #job: Job<B>;
  readonly #workers: readonly Worker<B>[];
  /** By stage: its input and its output watermark, as they were last seen. */
  readonly #watermarks: (readonly [Instant, Instant])[];

  constructor(given: Simulated, clock: SimulatedClock, job: Job<B>, workers: readonly Worker<B>[]) {
    this.#given = given;
    this.#clock = clock;
    this.#job = job;
    this.#workers = workers;
    this.#watermarks = job.plan.stages.map(() => [-Infinity, -Infinity]);
    job.scheduler.onView = (view, pane) => workers.forEach((worker) => worker.show(view, pane));
    job.scheduler.onForget = (view, endsBefore) => workers.forEach((worker) => worker.forget(view, endsBefore));
  }

  async run(): Promise<void> {
    const { scheduler, signal } = this.#job;
    try {
      for (let steps = 0; !scheduler.isDone && !signal.aborted; steps++) {
        if (steps === this.#given.crashAfter) throw new Crash("the process dies");
        if (steps > MOST_STEPS) throw new Error(`the run does not end: ${JSON.stringify(scheduler.stalled().parts)}`);
        this.#job.turn.begin();
        await this.#step();
        this.#checkWatermarks();
      }
    } finally {
      if (!scheduler.isDone) this.#job.abort();
      for (const worker of this.#workers) await worker.close();
    }
  }

  /** One thing of those that may happen now. */
  async #step(): Promise<void> {
    const { seeded } = this.#given;
    const busy = this.#workers.filter(({ inbox }) => inbox.length > 0);
    const done = this.#workers.filter(({ outbox }) => outbox.length > 0);
    const may = [
      () => this.#handOut(),
      ...busy.map((worker) => () => this.#work(worker)),
      ...done.map((worker) => () => this.#takeIn(worker)),
    ];
    if (seeded.chance(0.05)) this.#tick(this.#clock.now() + seeded.between(0, 20));
    const first = seeded.pick(may);
    if (await first()) return;
    // Nothing was ready to be handed out: something else happens.
    if (busy.length + done.length > 0) {
      await seeded.pick(may.slice(1))();
      return;
    }
    this.#job.whenNothingIsReady();
    await setImmediate(); // a commit of sinks, or whatever else does not ask the clock
    const { next } = this.#clock;
    if (next !== undefined) this.#tick(next + (seeded.chance(0.3) ? seeded.between(0, 30) : 0));
  }

  #handOut(): boolean {
    const { seeded, trace } = this.#given;
    let some = false;
    for (const bundle of this.#job.scheduler.takeReady(this.#clock.now())) {
      const place = bundle.partition % this.#workers.length;
      trace.add(
        "hand out",
        bundle.stage,
        bundle.partition,
        bundle.batches.reduce((sum, { size }) => sum + size, 0),
        bundle.inputWatermark,
      );
      this.#workers[place]!.run(bundle);
      some = true;
      if (seeded.chance(0.5)) break;
    }
    return some;
  }

  async #work({ inbox }: Worker<B>): Promise<boolean> {
    await inbox.shift()!();
    return true;
  }

  #takeIn(worker: Worker<B>): boolean {
    const result = worker.outbox.shift()!;
    const { stage, partition, batches } = result;
    const [, behind] = this.#watermarks[stage]!;
    const early = this.#given.isHonest && batches.find(({ earliest }) => earliest < behind);
    if (early)
      throw new Error(`${this.#job.plan.stages[stage]!.path} gave out an element of ${early.earliest} behind its watermark, ${behind}`);
    this.#given.trace.add("take in", stage, partition, ...batches.flatMap(({ target, size, earliest }) => [target, size, earliest]));
    this.#job.scheduler.commit(result);
    if (result.wantsCommit) worker.committed(result);
    return true;
  }

  #tick(time: number): void {
    this.#given.trace.add("time", time);
    this.#clock.advanceTo(time);
  }

  /** Watermarks go on only, and an output is never ahead of its input. */
  #checkWatermarks(): void {
    const { plan, scheduler } = this.#job;
    for (const { id, path } of plan.stages) {
      const { inputWatermark, outputWatermark } = scheduler.statusAt(id, this.#clock.now());
      const [input, output] = this.#watermarks[id]!;
      const isRight = inputWatermark >= input && outputWatermark >= output && outputWatermark <= inputWatermark;
      if (!isRight)
        throw new Error(`the watermarks of ${path} went from ${input} and ${output} to ${inputWatermark} and ${outputWatermark}`);
      this.#watermarks[id] = [inputWatermark, outputWatermark];
    }
    const end = this.#watermarks.every(([, output]) => output >= MAX_INSTANT);
    if (end !== scheduler.isDone) throw new Error("a run is done when all its watermarks are at the end of time");
  }
}
