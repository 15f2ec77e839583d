import { MAX_INSTANT, MIN_INSTANT, NEVER, type Instant, type Pipeline } from "millrace";
import type { Label } from "../../runners/core/batch.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";
import type { Bundle, BundleResult } from "../../runners/core/bundle.ts";
import { planStages, type Plan, type Stage } from "../../runners/core/plan.ts";
import type { PartStatus } from "../../runners/core/part-status.ts";
import type { Resting } from "../../runners/core/rests.ts";
import { BundleScheduler, type Cut, type FinishedSink } from "../../runners/core/scheduler.ts";
import type { Blocked } from "../../runners/core/side-inputs/gate.ts";
import { impulse } from "../../sdk/transforms/impulse.ts";

/** The plan of what a builder applies. */
export const planOf = (build: (p: Pipeline) => void, partitions = 1): Plan => planStages(buildGraph(build).graph, partitions);

/** The stage whose head is the step of this path; of a sink the one that writes. */
export function stageAt({ stages }: Plan, path: string): Stage {
  const found = stages.find((stage) => stage.path === path);
  if (found === undefined) throw new Error(`no stage begins at ${path}; there are ${stages.map((stage) => stage.path).join(", ")}`);
  return found;
}

/** What a bundle is said to give; nothing unless said. */
export interface Given {
  readonly out?: readonly Label[];
  readonly residuals?: readonly Label[];
  readonly resting?: readonly Resting<Label>[];
  readonly reading?: readonly PartStatus[];
  readonly readBytes?: number;
  readonly counts?: ReadonlyMap<number, number>;
  readonly blocked?: readonly Blocked<Label>[];
  readonly hold?: Instant;
  readonly held?: number;
  readonly nextTimer?: Instant;
  readonly nextDeadline?: Instant;
  readonly nextSynchronizedDeadline?: Instant;
  readonly committables?: readonly unknown[];
}

/** A step that keeps apart from the tests' own, for {@link HandDriven.inputWatermark}. */
const SPARE = "Spare";

/** A scheduler that is driven by hand: no bundle is run, what one gives is said by labels. */
export class HandDriven {
  readonly plan: Plan;
  readonly scheduler: BundleScheduler<Label>;
  /** The results that were committed. */
  readonly committed: BundleResult<Label>[] = [];

  constructor(build: (p: Pipeline) => void, cut: Cut = {}) {
    const withSpare = (p: Pipeline): void => {
      build(p);
      p.apply(SPARE, impulse());
    };
    this.plan = planOf(withSpare, cut.partitions ?? 1);
    this.scheduler = new BundleScheduler<Label>(
      this.plan,
      cut,
      (stage) => this.label(stage.path),
      (result) => this.committed.push(result),
    );
    this.commit(this.next(SPARE));
  }

  /** Elements on their way to a stage or, where no stage begins there, to a `collect()`. */
  label(
    to: string,
    { earliest = MIN_INSTANT, size = 1, partition = 0 }: Partial<Pick<Label, "earliest" | "size" | "partition">> = {},
  ): Label {
    const { stages, collects } = this.plan;
    const collect = collects.findIndex(({ path }) => path === to);
    return { target: collect === -1 ? stageAt(this.plan, to).id : stages.length + collect, collection: 0, partition, size, earliest };
  }

  /** All bundles that are ready, in the order in which they are handed out. */
  take(now: Instant = 0): readonly Bundle<Label>[] {
    return [...this.scheduler.takeReady(now)];
  }

  /** The paths of the stages whose bundles are ready. */
  takePaths(now: Instant = 0): readonly string[] {
    return this.take(now).map(({ stage }) => this.plan.stages[stage]!.path);
  }

  /** The bundle that is ready first, which has to be one of this stage. */
  next(path: string, now: Instant = 0): Bundle<Label> {
    const { value: bundle } = this.scheduler.takeReady(now).next();
    const found = bundle === undefined ? "nothing" : this.plan.stages[bundle.stage]!.path;
    if (bundle === undefined || found !== path) throw new Error(`expected a bundle of ${path}, ready is ${found}`);
    return bundle;
  }

  /** Ends a bundle. */
  commit(
    { stage, partition }: Bundle<Label>,
    {
      out = [],
      residuals = [],
      resting = [],
      reading = [],
      readBytes = 0,
      counts = new Map(),
      blocked = [],
      hold = NEVER,
      held = 0,
      nextTimer = NEVER,
      nextDeadline = NEVER,
      nextSynchronizedDeadline = NEVER,
      committables = [],
    }: Given = {},
  ): void {
    this.scheduler.commit({
      stage,
      partition,
      batches: out,
      residuals,
      resting,
      reading,
      readBytes,
      wantsCommit: false,
      blocked,
      hold,
      held,
      nextTimer,
      committables,
      nextDeadline,
      nextSynchronizedDeadline,
      counts,
      droppedLate: 0,
      droppedClosed: 0,
      lateSample: [],
      metrics: [],
    });
  }

  /** Takes the next bundle, of this stage, and ends it. */
  run(path: string, given: Given = {}): void {
    this.commit(this.next(path), given);
  }

  /** The input watermark of a stage for which nothing waits, asked by way of a bundle that nobody would notice. */
  inputWatermark(path: string, { hold = NEVER, nextTimer = NEVER }: Pick<Given, "hold" | "nextTimer"> = {}): Instant {
    this.bring(this.label(path, { earliest: MAX_INSTANT, size: 0 }));
    const bundle = this.next(path);
    this.commit(bundle, { hold, nextTimer });
    return bundle.inputWatermark;
  }

  /** Elements come from nowhere, at a processing time. */
  bring(label: Label, now: Instant = 0): void {
    this.scheduler.proceed(stageAt(this.plan, SPARE), [label], MAX_INSTANT, now);
  }

  /** Lets a finished sink's commit flow on. */
  publish({ stage }: FinishedSink, out: readonly Label[] = []): void {
    this.scheduler.proceed(stage, out, MAX_INSTANT, 0);
  }
}
