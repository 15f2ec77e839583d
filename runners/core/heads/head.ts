import { NEVER } from "../../../sdk/time.ts";
import type { Bundle, BundleResult } from "../bundle.ts";
import type { Pass, StageLoop } from "../stage-loop.ts";

/** What a head says of a bundle beside its elements. */
export type HeadResult = Omit<BundleResult, "stage" | "partition" | "batches" | "counts" | "blocked">;

/** What a head says that has nothing to say. */
export const PLAIN: HeadResult = Object.freeze({
  hold: NEVER,
  held: 0,
  nextTimer: NEVER,
  nextDeadline: NEVER,
  nextSynchronizedDeadline: NEVER,
  residuals: [],
  resting: [],
  readBytes: 0,
  reading: [],
  wantsCommit: false,
  droppedLate: 0,
  droppedClosed: 0,
  lateSample: [],
  committables: [],
  metrics: [],
});

/**
 * What begins a stage, for one of its partitions: turns a bundle into elements and takes them through the steps.
 * A promise only where it has to wait for something outside.
 */
export interface HeadRunner {
  run(bundle: Bundle, steps: StageLoop, pass: Pass): HeadResult | Promise<HeadResult>;
  /** Takes back what the last bundle has left here, as it has failed. */
  rollBack?(): void;
  /** Is told that the last bundle is committed, where that has asked for it. */
  committed?(): Promise<void>;
  /** Lets go of what it keeps open. */
  close?(): Promise<void>;
}
