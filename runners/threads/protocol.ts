import type { Instant } from "../../sdk/time.ts";
import type { Bundle, BundleResult } from "../core/bundle.ts";
import type { Cut } from "../core/scheduler.ts";
import type { EncodedBatch } from "./batch-codec.ts";
import type { EncodedError } from "./error-codec.ts";

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
  | { readonly kind: "run"; readonly bundle: Bundle<EncodedBatch> }
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
  | { readonly kind: "done"; readonly result: BundleResult<EncodedBatch> }
  | { readonly kind: "told" }
  | { readonly kind: "shown" }
  | { readonly kind: "forgotten" }
  | { readonly kind: "ended" }
  /** Instead of any of them. */
  | { readonly kind: "failed"; readonly error: EncodedError };
