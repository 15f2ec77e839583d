import type { CollectionId } from "../../sdk/graph.ts";
import { activeMetrics } from "../../sdk/metric-cells.ts";
import type { Instant } from "../../sdk/time.ts";
import type { Pane, Window } from "../../sdk/windowing.ts";
import { isStamp, type Stamp, type StampColumns } from "./batch.ts";
import type { DoFnStep } from "./do-fn-step.ts";
import { lifecycleFailed } from "./failures.ts";
import { andThen, type MaybePromise } from "./maybe-promise.ts";
import type { BundleMetrics } from "./metric-container.ts";
import type { Output, Stage, Step } from "./plan.ts";
import type { Slot } from "./slot.ts";
import type { Views } from "./side-inputs/views.ts";
import type { ElementContextOf, Receive } from "./step-context.ts";

/** What a stage works with during one bundle: where elements go, what is counted, and the instances of its DoFns. */
export interface Pass {
  readonly slots: readonly Slot[];
  /** How many elements entered each output, by {@link outputIndexes}. */
  readonly counts: Float64Array;
  /** How many elements each step has skipped or made a dead letter of. */
  readonly givenUp: Float64Array;
  /** By step. */
  readonly metrics: readonly BundleMetrics[];
  /** What `setup` gave, by step; only for DoFns. */
  readonly instances: unknown[];
  /** Processing time as the bundle was handed out. */
  processingTime: Instant;
}

/** What of a stage's steps the two back ends know, and they share: user code's view of the bundle that runs. */
export interface StepHost {
  readonly steps: readonly Step[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Filled by the back end. */
  readonly doFns: Map<number, DoFnStep>;
  /** Filled by the back end. */
  readonly contexts: ElementContextOf[];
  readonly views: Views;
  /** Whether user code runs that may use what it is given. */
  readonly isRunning: boolean;
}

/** What a back end makes the steps of a stage from. */
export interface StageHost extends StepHost {
  readonly stage: Stage;
  /** Counts an element that a step has skipped, or made a dead letter of. */
  readonly onGivenUp: (step: number) => void;
}

/** The steps of a stage, ready to run. Both functions throw what user code threw, as a `PipelineError` that names the step. */
export interface CompiledSteps {
  /** Makes a pass the one that elements belong to. */
  readonly enter: (pass: Pass) => void;
  /** For each output of the head, takes on one element. */
  readonly outputs: readonly Receive[];
  /** Takes on some of the values, which share their stamp; it has one window. */
  readonly uniform: (values: readonly unknown[], from: number, to: number, stamp: Stamp) => void;
  /** Lets go of the run: another one may use them. */
  readonly release?: () => void;
  /** Takes on some of the values, which each have a stamp. */
  readonly columns: (
    values: readonly unknown[],
    from: number,
    to: number,
    timestamps: Float64Array,
    windows: readonly (readonly Window[])[],
    panes: readonly Pane[],
  ) => void;
}

/**
 * So many elements are taken on in one call. What is called often V8 compiles as a whole; a loop that it has to replace while it
 * runs it compiles from its middle on, where nothing is known of the variables, and it may never come back to that.
 */
const AT_ONCE = 1_024;

/** A way to make the steps of a stage run. */
export type BackEnd = (host: StageHost) => CompiledSteps;

/** The steps of a stage as one function of many elements, and the ends of its bundles. It belongs to one thread. */
export class StageLoop implements StageHost {
  readonly stage: Stage;
  readonly options: Readonly<Record<string, unknown>>;
  readonly doFns = new Map<number, DoFnStep>();
  readonly contexts: ElementContextOf[] = [];
  #pass!: Pass;
  readonly views: Views;
  isRunning = false;
  readonly #compiled: CompiledSteps;

  constructor(stage: Stage, { options, views }: Pick<StageHost, "options" | "views">, backEnd: BackEnd) {
    this.stage = stage;
    this.options = options;
    this.views = views;
    this.#compiled = backEnd(this);
  }

  get steps(): readonly Step[] {
    return this.stage.steps;
  }

  readonly onGivenUp = (step: number): void => {
    this.#pass.givenUp[step]!++;
  };

  /** Ends the use of the loop. */
  close(): void {
    this.#compiled.release?.();
  }

  /** Takes the first `size` values through the steps. */
  run(values: readonly unknown[], size: number, stamps: Stamp | StampColumns, pass: Pass): void {
    this.#enter(pass);
    try {
      const ownStamps = isStamp(stamps) && stamps.windows.length !== 1 ? columnsOf(stamps, size) : stamps;
      for (let from = 0; from < size; from += AT_ONCE) this.#runSome(values, from, Math.min(from + AT_ONCE, size), ownStamps);
    } finally {
      this.#leave();
    }
  }

  /** Calls back with what takes on elements of the head's first output, one by one. */
  each(pass: Pass, give: (receive: Receive) => void): void {
    this.#enter(pass);
    try {
      give(this.#compiled.outputs[0]!);
    } finally {
      this.#leave();
    }
  }

  #runSome(values: readonly unknown[], from: number, to: number, stamps: Stamp | StampColumns): void {
    if (isStamp(stamps)) this.#compiled.uniform(values, from, to, stamps);
    else this.#compiled.columns(values, from, to, stamps.timestamps, stamps.windows, stamps.panes);
  }

  /** Takes on one element of one of the head's outputs. */
  emit(output: number, value: unknown, { timestamp, windows, pane }: Stamp, pass: Pass): void {
    this.#enter(pass);
    try {
      this.#compiled.outputs[output]!(value, timestamp, windows, pane);
    } finally {
      this.#leave();
    }
  }

  /** Begins a bundle for all DoFns of the stage. */
  startBundle(pass: Pass): MaybePromise<void> {
    return this.#eachDoFn(pass, (doFn, number) => doFn.startBundle(pass.instances[number], pass.processingTime));
  }

  /** Ends a bundle for all DoFns of the stage, the first one first, since the others take what it gives out. */
  finishBundle(pass: Pass): MaybePromise<void> {
    return this.#eachDoFn(pass, (doFn, number) =>
      doFn.finishBundle(pass.instances[number], pass.processingTime, (emit) => this.#within(pass, number, emit)),
    );
  }

  /** Runs something in a pass that may not be the last one that was entered, and goes back to where the thread was. */
  #within(pass: Pass, step: number, run: () => void): void {
    const outer = this.#pass;
    const { containers } = activeMetrics;
    const { isRunning } = this;
    this.#enter(pass);
    activeMetrics.step[0] = step;
    try {
      run();
    } finally {
      if (outer !== pass) this.#enter(outer);
      activeMetrics.containers = containers;
      this.isRunning = isRunning;
      activeMetrics.step[0] = step;
    }
  }

  /** One after the other; waits only where one of them does. */
  #eachDoFn(pass: Pass, call: (doFn: DoFnStep, number: number) => void | Promise<void>): MaybePromise<void> {
    let done: MaybePromise<void> = undefined;
    for (const [number, doFn] of [...this.doFns].sort(([a], [b]) => a - b)) {
      done = andThen(done, () => this.#callDoFn(pass, number, () => call(doFn, number)));
    }
    return done;
  }

  #callDoFn(pass: Pass, number: number, call: () => void | Promise<void>): MaybePromise<void> {
    const { path } = this.stage.steps[number]!;
    this.#enter(pass);
    activeMetrics.step[0] = number;
    try {
      const done = call();
      if (!(done instanceof Promise)) return done;
      return done.catch((error: unknown) => {
        throw lifecycleFailed(path, error);
      });
    } catch (error) {
      throw lifecycleFailed(path, error);
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    activeMetrics.containers = [];
    this.isRunning = false;
    // Nobody may read what was read for this call.
    this.views.changed();
  }

  /** From here on, what user code asks for and counts belongs to this pass. */
  #enter(pass: Pass): void {
    this.#pass = pass;
    this.isRunning = true;
    this.#compiled.enter(pass);
    activeMetrics.containers = pass.metrics;
    activeMetrics.step[0] = -1;
    for (const ctx of this.contexts) ctx.processingTime = pass.processingTime;
    for (const [number, doFn] of this.doFns) doFn.use(pass.instances[number], pass.processingTime);
  }
}

const columnsOf = ({ timestamp, windows, pane }: Stamp, size: number): StampColumns => ({
  timestamps: new Float64Array(size).fill(timestamp),
  windows: new Array<readonly Window[]>(size).fill(windows),
  panes: new Array<Pane>(size).fill(pane),
});

/** All outputs of a stage: those of its head, then those of its steps. */
export const outputsOf = (stage: Stage): readonly Output[] => [...stage.outputs, ...stage.steps.flatMap(({ outputs }) => outputs)];

/** Where each output of a stage is counted. */
export const outputIndexes = (stage: Stage): ReadonlyMap<Output, number> =>
  new Map(outputsOf(stage).map((output, index) => [output, index]));

/** The counts of a pass by collection. A collection that several outputs feed has their sum. */
export function countsByCollection(stage: Stage, counts: Float64Array): ReadonlyMap<CollectionId, number> {
  const byCollection = new Map<CollectionId, number>();
  outputsOf(stage).forEach(({ collection }, i) => byCollection.set(collection, (byCollection.get(collection) ?? 0) + counts[i]!));
  return byCollection;
}
