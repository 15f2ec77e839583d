import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { BoundedSource, Chunk, OffsetRange } from "../../../sdk/source.ts";
import type { Instant } from "../../../sdk/time.ts";
import { NO_FIRING, type Pane, type Window } from "../../../sdk/windowing.ts";
import { UNSTAMPED, type Batch, type Stamp, type StampColumns } from "../batch.ts";
import { canonicalKey } from "../../../sdk/coders/canonical-key.ts";
import { sourceFailed } from "../failures.ts";
import { OffsetTracker } from "../offset-tracker.ts";
import { counted, type MetricDelta } from "../metric-container.ts";
import type { Clock } from "../ports.ts";
import type { Pass, StageLoop } from "../stage-loop.ts";
import { isInstant } from "../timestamps.ts";
import { PLAIN, type HeadRunner } from "./head.ts";

type Source = BoundedSource<unknown, OffsetRange>;

/** A bundle of reads ends after this many elements, when this many are on their way, or after this many ms. */
const MOST_READ = 1_024 * 1_024;
const MOST_KEPT = 16 * 1_024;
const MOST_MS = 20;

/** A part that is being read: its open read is kept between bundles, so that a file is opened once. */
interface OpenRead {
  readonly chunks: AsyncIterator<Chunk<unknown>>;
  readonly tracker: OffsetTracker<OffsetRange>;
}

/** What a read is told about the run. */
export interface ReadContext {
  readonly clock: Clock;
  /** Aborts when the run fails or is cancelled: what was read then goes nowhere. */
  readonly signal: AbortSignal;
  readonly elementsPerBundle: number | undefined;
}

/** Reads parts of a source. What a bundle has no room for is left as a residual: the same part from a later position on. */
export class ReadHead implements HeadRunner {
  readonly #source: Source;
  readonly #path: string;
  readonly #context: ReadContext;
  /** By what is left of the part, in its canonical form, since on threads the residual comes back as a copy. */
  readonly #open = new Map<string, OpenRead>();
  #counts = { dropped: 0, bytes: 0, positions: 0 };

  constructor(source: Source, path: string, context: ReadContext) {
    this.#source = source;
    this.#path = path;
    this.#context = context;
  }

  async run({ batches }: { readonly batches: readonly Batch[] }, steps: StageLoop, pass: Pass) {
    const until = this.#context.clock.monotonic() + MOST_MS;
    const residuals: Batch[] = [];
    for (const batch of batches) {
      const left: unknown[] = [];
      for (const part of batch.values.slice(0, batch.size) as OffsetRange[]) {
        const rest = this.#context.clock.monotonic() < until ? await this.#readPart(part, until, steps, pass) : part;
        if (rest !== undefined) left.push(rest);
      }
      if (left.length > 0) residuals.push({ ...batch, values: left, size: left.length });
    }
    return { ...PLAIN, residuals, metrics: this.#takeCounts() };
  }

  /** What was counted since the last call. What sources had to drop is never lost silently. */
  #takeCounts(): readonly MetricDelta[] {
    const { dropped, bytes, positions } = this.#counts;
    this.#counts = { dropped: 0, bytes: 0, positions: 0 };
    return [
      ...counted(this.#path, "dropped_overflow", dropped),
      ...counted(this.#path, "bytes", bytes),
      ...counted(this.#path, "positions_done", positions),
    ];
  }

  /** Reads on in a part until it or the bundle ends; answers what is left of it. */
  async #readPart(part: OffsetRange, until: number, steps: StageLoop, pass: Pass): Promise<OffsetRange | undefined> {
    const read = this.#take(part);
    const { chunks, tracker } = read;
    let isDone: boolean;
    try {
      isDone = await this.#pull(chunks, until, steps, pass);
    } catch (error) {
      await chunks.return?.().catch(() => {}); // what failed first is what counts
      throw error;
    }
    const rest = isDone ? this.#finished(tracker) : tracker.residual;
    const key = isDone || rest === undefined ? undefined : keyOf(rest);
    if (key === undefined) await chunks.return?.();
    else this.#open.set(key, read);
    const next = rest?.from ?? part.to;
    if (Number.isFinite(part.to)) this.#counts.positions += next - part.from;
    return rest;
  }

  /** Takes chunks through the steps for the length of a bundle; answers whether the read has returned. */
  async #pull(chunks: AsyncIterator<Chunk<unknown>>, until: number, steps: StageLoop, pass: Pass): Promise<boolean> {
    for (let elements = 0; elements < MOST_READ && sizeOf(pass) < MOST_KEPT && this.#context.clock.monotonic() < until;) {
      const next = await chunks.next().catch((error: unknown) => {
        throw sourceFailed(this.#path, error);
      });
      if (this.#context.signal.aborted) throw this.#context.signal.reason;
      if (next.done === true) return true;
      const { values, timestamps, dropped = 0, bytes = 0 } = this.#chunkOf(next.value);
      this.#counts.dropped += dropped;
      this.#counts.bytes += bytes;
      steps.run(values, values.length, stampsOf(values, timestamps, this.#path), pass);
      elements += values.length;
    }
    return false;
  }

  #chunkOf(chunk: Chunk<unknown>): Chunk<unknown> {
    if (Array.isArray((chunk as Chunk<unknown> | undefined)?.values)) return chunk;
    throw sourceFailed(this.#path, new TypeError(`a read gives out chunks { values: […] }, and this is ${shortText(chunk)}`));
  }

  /** Closes what is open. A read that waits for something outside is not waited for: it may never come. */
  async close(): Promise<void> {
    for (const { chunks } of this.#open.values()) await chunks.return?.();
    this.#open.clear();
  }

  #take(part: OffsetRange): OpenRead {
    const key = keyOf(part);
    const open = key === undefined ? undefined : this.#open.get(key);
    if (open === undefined) return this.#begin(part);
    this.#open.delete(key!);
    return open;
  }

  #begin(part: OffsetRange): OpenRead {
    const tracker = new OffsetTracker(part, this.#context.elementsPerBundle);
    try {
      return { tracker, chunks: this.#source.read(part, tracker)[Symbol.asyncIterator]() };
    } catch (error) {
      throw sourceFailed(this.#path, error);
    }
  }

  #finished(tracker: OffsetTracker<OffsetRange>): OffsetRange | undefined {
    const rest = tracker.residual;
    if (rest === undefined || tracker.isStopped) return rest;
    throw new PipelineError("RESTRICTION_NOT_DONE", {
      what: "a read returned before all of its part was claimed",
      at: this.#path,
      got: `positions from ${rest.from} up to ${rest.to} were never claimed`,
      fix: "claim up to the end, and try to claim the end itself when there is nothing more to read",
    });
  }
}

/** Tells parts apart; nothing for one that has no canonical form, whose read is opened anew for each bundle. */
function keyOf(part: OffsetRange): string | undefined {
  try {
    return canonicalKey(part);
  } catch {
    return undefined;
  }
}

/** The times of a chunk, in the global window; they are looked at, since a wrong one would only be noticed far away. */
function stampsOf(values: readonly unknown[], timestamps: ArrayLike<Instant> | undefined, path: string): Stamp | StampColumns {
  if (timestamps === undefined) return UNSTAMPED;
  if (timestamps.length !== values.length) {
    throw new PipelineError("BAD_TIMESTAMP", {
      what: "a read gave another number of timestamps than of values",
      at: path,
      got: `${timestamps.length} for ${values.length}`,
    });
  }
  const columns = timestamps instanceof Float64Array ? timestamps : Float64Array.from(timestamps);
  for (let i = 0; i < columns.length; i++) if (!isInstant(columns[i])) throw wrongTime(columns[i]!, values[i], path);
  return {
    timestamps: columns,
    windows: grown(inGlobal, columns.length, UNSTAMPED.windows),
    panes: grown(unfired, columns.length, NO_FIRING),
  };
}

const wrongTime = (time: Instant, value: unknown, path: string): PipelineError =>
  new PipelineError("BAD_TIMESTAMP", {
    what: "a source gave an element a time that is no instant",
    at: path,
    got: `${time} for ${shortText(value)}`,
    fix: "give whole milliseconds since the epoch, from MIN_INSTANT to a day before MAX_INSTANT",
  });

/** Columns in which all is the same, as long as any chunk so far: nobody writes them, so all chunks share them. */
const inGlobal: (readonly Window[])[] = [];
const unfired: Pane[] = [];

function grown<A>(column: A[], length: number, value: A): readonly A[] {
  while (column.length < length) column.push(value);
  return column;
}

function sizeOf({ slots }: Pass): number {
  let size = 0;
  for (const slot of slots) size += slot.size;
  return size;
}
