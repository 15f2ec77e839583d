import type { Coder } from "./coders/coder.ts";

/** What a writer is told when it is opened. */
export interface SinkContext {
  /** Which of the sink's writers this is, from 0. */
  readonly shard: number;
  /** Counts the commits of a run, from 0. A batch run is one epoch. */
  readonly epoch: number;
  /** Aborts when the run fails or is cancelled: what was written and is not committed is to be removed, at once. */
  readonly signal: AbortSignal;
}

/** Writes the elements of one shard to a place where nobody sees them before the commit. */
export interface SinkWriter<in T, out C> {
  /** Takes the elements of one bundle, after the bundle has succeeded. */
  readonly write: (values: readonly T[]) => void | Promise<void>;
  /** Ends the epoch: makes what was written durable, and answers what `commit` needs to publish it. */
  readonly finish: () => Promise<C>;
}

/** Where a sink writes. */
export interface SinkPlace {
  /** Tells places apart, such as the full path of a file. */
  readonly name: string;
  /** Whether other sinks may write there too, if they say so as well: what they write is found to clash when it is published. */
  readonly mayShare?: boolean;
}

/**
 * What a connector implements to be written to, in two steps: writers put the elements where nobody sees them, then
 * `commit` publishes them all. A run that fails before the commit has published nothing.
 */
export interface Sink<in T, in out C> {
  /** Names the step, such as `WriteText`. */
  readonly name: string;
  /** Where it writes, for a sink that no other one may write over: two in one place are refused when the graph is built. */
  readonly place?: SinkPlace;
  /** How many writers there are; 1 unless given. */
  readonly shards?: number;
  /** Opens a writer. A shard that gets no element is opened too, when the input ends. */
  readonly open: (context: SinkContext) => SinkWriter<T, C> | Promise<SinkWriter<T, C>>;
  /** Publishes what was written. Idempotent: after a crash it is called again with the same committables. */
  readonly commit: (committables: readonly C[]) => Promise<void>;
  /** The coder of what `finish` answers; the structural one unless given. */
  readonly committableCoder?: Coder<C>;
}
