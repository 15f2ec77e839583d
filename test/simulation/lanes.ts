import type { Batch, Label } from "../../runners/core/batch.ts";
import type { Bundle, BundleResult } from "../../runners/core/bundle.ts";
import { BundleExecutor, type ExecutorContext } from "../../runners/core/executor.ts";
import type { MaybePromise } from "../../runners/core/maybe-promise.ts";
import type { Plan } from "../../runners/core/plan.ts";
import type { Woken } from "../../runners/core/rests.ts";
import { byReference, type Carrier, type Job } from "../../runners/core/run.ts";
import type { Cut } from "../../runners/core/scheduler.ts";
import { Views } from "../../runners/core/side-inputs/views.ts";
import { BatchCodec, type EncodedBatch } from "../../runners/threads/batch-codec.ts";

/** Who runs the bundles of some partitions, and what it has been told and not yet done. */
export interface Lane<B extends Label> {
  readonly run: (bundle: Bundle<B>) => MaybePromise<BundleResult<B>>;
  readonly committed: (result: BundleResult<B>) => Promise<void>;
  readonly show: (view: number, pane: B) => void;
  readonly forget: (view: number, endsBefore: number) => void;
  readonly close: () => Promise<void>;
}

/** How bundles reach those who run them. */
export interface Lanes<B extends Label> {
  readonly carrier: (plan: Plan) => Carrier<B>;
  /** Whether a lane takes what it is told in this order, as a thread does; otherwise any bundle may run next. */
  readonly areInOrder: boolean;
  readonly make: (job: Job<B>, cut: Cut, onWake: (woken: Woken) => void) => readonly Lane<B>[];
}

/** All bundles on one thread. */
export const oneThread: Lanes<Batch> = {
  carrier: () => byReference,
  areInOrder: false,
  make: (job, cut, onWake) => {
    const views = new Views(job.plan.views);
    const executor = new BundleExecutor({ ...job, cut, staysHere: true, views, onWake });
    return [
      {
        run: (bundle) => executor.run(bundle),
        committed: (result) => executor.committed(result),
        show: (view, pane) => views.put(view, pane),
        forget: (view, endsBefore) => views.forget(view, endsBefore),
        close: () => executor.close(),
      },
    ];
  },
};

/** Several that share nothing, so that batches travel as bytes; partition p belongs to number p modulo how many there are. */
export const severalThreads = (count: number): Lanes<EncodedBatch> => ({
  carrier: (plan) => {
    const codec = new BatchCodec(plan);
    return { pack: (batch) => codec.encode(batch), unpack: (batch) => codec.decode(batch).values };
  },
  areInOrder: true,
  make: (job, cut, onWake) => Array.from({ length: count }, () => apart(job, { ...job, cut, staysHere: false, onWake })),
});

function apart({ plan }: Job<EncodedBatch>, context: Omit<ExecutorContext, "views">): Lane<EncodedBatch> {
  const codec = new BatchCodec(plan);
  const views = new Views(plan.views);
  const executor = new BundleExecutor({ ...context, views });
  return {
    run: async (bundle) => {
      const result = await executor.run({ ...bundle, batches: bundle.batches.map((batch) => codec.decode(batch)) });
      return encoded(result, codec);
    },
    committed: (result) => executor.committed(result),
    show: (view, pane) => views.put(view, codec.decode(pane)),
    forget: (view, endsBefore) => views.forget(view, endsBefore),
    close: () => executor.close(),
  };
}

function encoded(result: BundleResult, codec: BatchCodec): BundleResult<EncodedBatch> {
  const committables = result.committables.map((each) =>
    codec.decodeCommittable(result.stage, codec.encodeCommittable(result.stage, each)),
  );
  return {
    ...result,
    batches: result.batches.map((batch) => codec.encode(batch)),
    residuals: result.residuals.map((batch) => codec.encode(batch)),
    resting: result.resting.map((each) => ({ ...each, batch: codec.encode(each.batch) })),
    blocked: result.blocked.map((each) => ({ ...each, batch: codec.encode(each.batch) })),
    committables,
  };
}
