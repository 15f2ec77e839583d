import { PipelineError } from "../../sdk/errors.ts";
import { MAX_INSTANT, MIN_INSTANT, NEVER, type Instant } from "../../sdk/time.ts";
import { globalWindow } from "../../sdk/windows/global.ts";
import type { Batch, Label } from "./batch.ts";
import type { Bundle, BundleResult } from "./bundle.ts";
import type { Plan, Stage } from "./plan.ts";

/** How the work is cut into bundles; the result does not depend on it. */
export interface Cut {
  /** How many parts each stage's work has, from 1 to 128. */
  readonly partitions?: number;
  /** How many elements a bundle has at most. */
  readonly elementsPerBundle?: number;
  /** Whether the loops of stages may be generated as code, which is the fast way; where it may not be, they are closures. */
  readonly generatesCode?: boolean;
}

/** Reads wait while this many elements do. */
const MOST_WAITING = 256 * 1_024;
const MOST_IN_A_BUNDLE = 16 * 1_024;

/** A head that keeps this many elements to itself is given no more. */
const MOST_HELD = 1_024;

/** When a sink's writers are asked for the last time: the input watermark passes it only at the end of time. */
export const AT_END: Instant = MAX_INSTANT - 1;

interface PartitionState<B extends Label> {
  pending: B[];
  inFlight: Bundle<B> | undefined;
  hold: Instant;
  held: number;
  nextTimer: Instant;
}

interface StageState<B extends Label> {
  readonly stage: Stage;
  readonly partitions: readonly PartitionState<B>[];
  inputWatermark: Instant;
  outputWatermark: Instant;
}

/** A sink whose writers are done. */
export interface FinishedSink {
  readonly stage: Stage;
  readonly committables: readonly unknown[];
}

/**
 * Says which bundles may run now, and moves the watermarks. It files batches by their labels (target, partition, size,
 * earliest time) and never looks into them.
 */
export class BundleScheduler<B extends Label = Batch> {
  /** What `collect()` was given, by its place among the plan's collects. */
  readonly collected: readonly B[][];
  readonly #states: readonly StageState<B>[];
  readonly #mostInBundle: number;
  readonly #committables = new Map<number, unknown[]>();
  readonly #onCommit: (result: BundleResult<B>) => void;
  #inFlight = 0;
  #waiting = 0;

  /** @param impulse - what the stage of an impulse starts with. */
  constructor(
    plan: Plan,
    { elementsPerBundle = MOST_IN_A_BUNDLE }: Cut,
    impulse: (stage: Stage) => B,
    onCommit: (result: BundleResult<B>) => void = () => {},
  ) {
    this.#onCommit = onCommit;
    this.collected = plan.collects.map(() => []);
    this.#mostInBundle = elementsPerBundle;
    this.#states = plan.stages.map((stage) => ({
      stage,
      partitions: Array.from({ length: stage.partitions }, (): PartitionState<B> => partitionOf(stage)),
      inputWatermark: MIN_INSTANT,
      outputWatermark: MIN_INSTANT,
    }));
    for (const { stage } of this.#states) if (stage.head.kind === "impulse") this.#file(impulse(stage));
    this.#refreshWatermarks();
  }

  /** Whether all is done: every watermark has reached the end of time. */
  get isDone(): boolean {
    return this.#states.every(({ outputWatermark }) => outputWatermark >= MAX_INSTANT);
  }

  /** Whether no bundle is out. */
  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /**
   * Hands out the bundles that may run now. Those furthest down the pipeline come first, so that what is under way is
   * finished before more is read.
   */
  *takeReady(processingTime: Instant): Generator<Bundle<B>, void, void> {
    for (;;) {
      const bundle = this.#nextReady(processingTime);
      if (bundle === undefined) return;
      yield bundle;
    }
  }

  #nextReady(processingTime: Instant): Bundle<B> | undefined {
    for (let id = this.#states.length - 1; id >= 0; id--) {
      const state = this.#states[id]!;
      if (state.stage.head.kind === "read" && this.#waiting > MOST_WAITING) continue;
      const partition = state.partitions.findIndex((each) => isReady(each, state));
      if (partition !== -1) return this.#take(state, partition, processingTime);
    }
    return undefined;
  }

  #take({ stage, partitions, inputWatermark }: StageState<B>, partition: number, processingTime: Instant): Bundle<B> {
    const state = partitions[partition]!;
    const batches = this.#takeBatches(state);
    const bundle: Bundle<B> = { stage: stage.id, partition, batches, inputWatermark, processingTime };
    state.inFlight = bundle;
    this.#inFlight++;
    return bundle;
  }

  /** The first batches that fit into a bundle, at least one. */
  #takeBatches(state: PartitionState<B>): readonly B[] {
    const { pending, held } = state;
    // What is held has to become less before there is more of it.
    if (held >= MOST_HELD) return [];
    let room = this.#mostInBundle - (pending[0]?.size ?? 0);
    let count = Math.min(1, pending.length);
    for (; count < pending.length && pending[count]!.size <= room; count++) room -= pending[count]!.size;
    state.pending = pending.slice(count);
    return pending.slice(0, count);
  }

  /** Takes in a bundle's result. All of it counts from now on. */
  commit(result: BundleResult<B>): void {
    for (const batch of result.batches) {
      if (batch.target < this.#states.length) this.#file(batch);
      else this.collected[batch.target - this.#states.length]!.push(batch);
    }
    const state = this.#states[result.stage]!;
    const partition = state.partitions[result.partition]!;
    for (const batch of partition.inFlight!.batches) if (state.stage.head.kind !== "read") this.#waiting -= batch.size;
    partition.pending = [...result.residuals, ...partition.pending];
    if (state.stage.head.kind !== "read") for (const batch of result.residuals) this.#waiting += batch.size;
    partition.inFlight = undefined;
    this.#waiting += result.held - partition.held;
    partition.held = result.held;
    partition.hold = result.hold;
    partition.nextTimer = result.nextTimer;
    if (result.committables.length > 0)
      this.#committables.set(result.stage, [...(this.#committables.get(result.stage) ?? []), ...result.committables]);
    this.#inFlight--;
    this.#onCommit(result);
    // Last, when the outputs already wait downstream: a watermark that moved
    // before them could pass them, and make elements late that were in time.
    this.#refreshWatermarks();
  }

  #file(batch: B): void {
    const { stage, partitions } = this.#states[batch.target]!;
    partitions[batch.partition]!.pending.push(batch);
    // Parts of a source are no elements: they wait until they are read.
    if (stage.head.kind !== "read") this.#waiting += batch.size;
  }

  /** Stages come in topological order, so one pass carries a change all the way down. */
  #refreshWatermarks(): void {
    for (const state of this.#states) {
      let input = MAX_INSTANT;
      for (const id of state.stage.upstream) input = Math.min(input, this.#states[id]!.outputWatermark);
      let hold = NEVER;
      for (const partition of state.partitions) {
        for (const { earliest } of partition.pending) input = Math.min(input, earliest);
        if (partition.inFlight !== undefined) for (const { earliest } of partition.inFlight.batches) input = Math.min(input, earliest);
        hold = Math.min(hold, partition.hold);
      }
      state.inputWatermark = Math.max(state.inputWatermark, input);
      state.outputWatermark = Math.max(state.outputWatermark, Math.min(state.inputWatermark, hold));
    }
  }

  /**
   * The sinks to commit now, in the order of the graph: when no bundle is out and none may run, everything that is not
   * behind one of their commits has been done.
   */
  get finishedSinks(): readonly FinishedSink[] {
    if (this.#inFlight > 0) return [];
    return this.#states
      .filter(
        ({ stage, partitions }) =>
          stage.head.kind === "sink" && partitions.every(({ nextTimer, hold }) => nextTimer === NEVER && hold !== NEVER),
      )
      .map(({ stage }) => ({ stage, committables: this.#committables.get(stage.id) ?? [] }));
  }

  /** Lets what was committed flow on. */
  committed({ id }: Stage, batches: readonly B[]): void {
    for (const batch of batches) this.#file(batch);
    for (const partition of this.#states[id]!.partitions) partition.hold = NEVER;
    this.#refreshWatermarks();
  }

  /** The error of a run that cannot go on although it is not done; a fault in the engine. */
  stalled(): PipelineError {
    const { stage, inputWatermark, outputWatermark, partitions } = this.#states.find((state) => state.outputWatermark < MAX_INSTANT)!;
    return new PipelineError("STALLED", {
      what: "no bundle may run and none is in flight, yet the pipeline is not done; this is a fault in the engine",
      at: stage.path,
      got: `input watermark ${inputWatermark}, output watermark ${outputWatermark}, hold ${Math.min(...partitions.map(({ hold }) => hold))}`,
      fix: "report it with the output of millrace explain",
    });
  }
}

const partitionOf = (stage: Stage): PartitionState<never> => ({ pending: [], inFlight: undefined, held: 0, ...beginningOf(stage) });

/** Where a partition's hold and timer are before its first bundle: some stages want one even when no element comes. */
function beginningOf({ head }: Stage): { readonly hold: Instant; readonly nextTimer: Instant } {
  // A sink holds its output back until it is committed. Its writers are opened before anything else runs, since a file that may
  // not be written is better known now than when all the work is done; and they are asked once more at the end.
  if (head.kind === "sink") return { hold: MIN_INSTANT, nextTimer: -Infinity };
  // What a combine gives for an input without any element is due when the global window ends.
  const due = head.kind === "group" && head.emitsDefault ? globalWindow.maxTimestamp : NEVER;
  return { hold: due, nextTimer: due };
}

const isReady = ({ inFlight, pending, nextTimer }: PartitionState<Label>, { inputWatermark }: StageState<Label>): boolean =>
  inFlight === undefined && (pending.length > 0 || nextTimer < inputWatermark);
