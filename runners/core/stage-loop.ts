import type { CollectionId } from "../../sdk/graph.ts";
import type { Instant } from "../../sdk/time.ts";
import type { Stamp, StampColumns } from "./batch.ts";
import type { BundleMetrics } from "./metric-container.ts";
import type { Output, Stage } from "./plan.ts";
import type { Slot } from "./slot.ts";

/** What a stage works with during one bundle: where elements go, what is counted, and the instances of its DoFns. */
export interface Pass {
  readonly slots: readonly Slot[];
  /** How many elements entered each output, in the order of {@link outputsOf}. */
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

/** The steps of a stage as one function of many elements. It belongs to one thread. */
export interface StageLoop {
  /** Takes the first `size` values through the steps. Throws what user code threw, as a `PipelineError` that names the step. */
  run(values: readonly unknown[], size: number, stamps: Stamp | StampColumns, pass: Pass): void;
  /** Begins a bundle for all DoFns of the stage. */
  startBundle(pass: Pass): void | Promise<void>;
  /** Ends a bundle for all DoFns of the stage, the first one first, since the others take what it gives out. */
  finishBundle(pass: Pass): void | Promise<void>;
}

/** All outputs of a stage: its head's, then those of its steps. */
export const outputsOf = (stage: Stage): readonly Output[] => [stage.output, ...stage.steps.flatMap(({ outputs }) => outputs)];

/** The counts of a pass by collection. A collection that several outputs feed has their sum. */
export function countsByCollection(stage: Stage, counts: Float64Array): ReadonlyMap<CollectionId, number> {
  const byCollection = new Map<CollectionId, number>();
  outputsOf(stage).forEach(({ collection }, i) => byCollection.set(collection, (byCollection.get(collection) ?? 0) + counts[i]!));
  return byCollection;
}
