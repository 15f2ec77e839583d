import type { MessagePort } from "node:worker_threads";
import type { Instant } from "../../sdk/time.ts";
import type { Label } from "../core/batch.ts";
import type { Bundle, BundleResult } from "../core/bundle.ts";
import type { Cut } from "../core/scheduler.ts";
import type { EncodedBatch } from "./batch-codec.ts";
import type { EncodedError } from "./error-codec.ts";

/** What the scheduler has of a batch: its label alone, where it is with the worker that runs its target, or on the way there. */
export type RoutedBatch = EncodedBatch | NamedBatch;

/** The label of a batch that workers know by a name. */
export interface NamedBatch extends Label {
  readonly name: number;
}

/** What a worker thread is told. */
export type ToWorker =
  /** Build your copy of the graph, and say what it is. */
  | {
      readonly kind: "begin";
      readonly url: string;
      readonly exportName: string;
      readonly options: Readonly<Record<string, unknown>>;
      readonly cut: Cut;
      readonly isStrict: boolean;
      readonly hasTaps: boolean;
      /** The folder of the run's temporary files, which the main thread removes. */
      readonly temporaryFolder: string | undefined;
    }
  /** Which of the workers it is, and by worker the way to it, but to itself. */
  | { readonly kind: "meet"; readonly worker: number; readonly peers: readonly (MessagePort | undefined)[] }
  | { readonly kind: "run"; readonly bundle: Bundle<RoutedBatch> }
  /** What the last bundle of a partition gave is committed. */
  | { readonly kind: "committed"; readonly stage: number; readonly partition: number }
  /** A pane of a view, which bundles may need that come after this. */
  | { readonly kind: "view"; readonly view: number; readonly pane: EncodedBatch }
  /** No bundle needs the windows of a view any more that end before an instant. */
  | { readonly kind: "forget"; readonly view: number; readonly endsBefore: Instant }
  /** The run is over: let go of what is open, and where it failed, take back what was written. */
  | { readonly kind: "end"; readonly hasFailed: boolean };

/** A message with a number; its answer carries the same one, since bundles that wait for something are overtaken by others. */
export interface Numbered<M> {
  readonly number: number;
  readonly message: M;
}

/** What a worker thread answers, in the order of its kinds above. */
export type FromWorker =
  | { readonly kind: "begun"; readonly fingerprint: readonly string[] }
  | { readonly kind: "met" }
  | { readonly kind: "done"; readonly result: BundleResult<RoutedBatch> }
  | { readonly kind: "told" }
  | { readonly kind: "shown" }
  | { readonly kind: "forgotten" }
  | { readonly kind: "ended" }
  /** Instead of any of them. */
  | { readonly kind: "failed"; readonly error: EncodedError };
