import { PipelineError, shortText } from "../../../sdk/errors.ts";
import { Resume } from "../../../sdk/resume.ts";
import type { Chunk, OffsetRange, ReadContext } from "../../../sdk/source.ts";
import type { Splittable } from "../../../sdk/graph.ts";
import { MIN_INSTANT, NEVER, type Instant } from "../../../sdk/time.ts";
import type { WatermarkEstimator } from "../../../sdk/watermark.ts";
import { NO_FIRING, type Pane, type Window } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { UNSTAMPED, type Stamp, type StampColumns } from "../batch.ts";
import { sourceFailed } from "../failures.ts";
import { OffsetTracker } from "../offset-tracker.ts";
import {
  keptOf,
  MOST_KEPT,
  readOrder,
  type Part,
  type Progress,
  type Reader,
  type Reading,
  type ReadSurroundings,
  type Turn,
} from "./reader.ts";

/** A part has had its share of a bundle after this many elements. */
const MOST_READ = 1_024 * 1_024;
/** Or when it has read so many bytes. */
const MOST_BYTES = 16 * 1_024 * 1_024;

/**
 * A part without an end has a short share of a bundle: more may always come while it is read, and nothing goes on to the next stage
 * before the bundle ends.
 */
const SHARE_MS = 2;

/** Reads a source, whose parts are ranges. */
export const sourceReader = (of: SplittableSource, surroundings: ReadSurroundings): Reader => {
  const { source, isBounded } = of;
  return {
    watermark: source.watermark,
    idleTimeout: source.idleTimeout,
    shareMs: isBounded ? Infinity : SHARE_MS,
    order: readOrder(isBounded, source.watermark),
    partOf: (value) => ({ element: undefined, range: value as OffsetRange }),
    valueOf: (_part, left) => left,
    open: (range, processingTime) => new SourceReading(of, range, processingTime, surroundings),
    cut: async ({ range }, count) => {
      try {
        return (await source.split(range, count)).filter(({ from, to }) => from < to);
      } catch (error) {
        throw sourceFailed(surroundings.path, error);
      }
    },
    backlogOf: async ({ range }, processingTime) => {
      try {
        return await source.backlog?.(range, { processingTime });
      } catch (error) {
        throw sourceFailed(surroundings.path, error);
      }
    },
    truncate: ({ range }) => (isBounded ? range : undefined),
  };
};

type SplittableSource = Extract<Splittable, { kind: "source" }>;

type Given = Chunk<unknown> | Resume;

/** The context of a read, whose time goes on from bundle to bundle. */
type ReadContextOf = { -readonly [N in keyof ReadContext]: ReadContext[N] };

/** A read of a source: it gives out chunks, and stands still between bundles. */
class SourceReading implements Reading {
  readonly #isBounded: boolean;
  /** Whether its share is a chunk, since another part may be further behind then. */
  readonly #isByChunk: boolean;
  readonly #surroundings: ReadSurroundings;
  readonly #tracker: OffsetTracker<OffsetRange>;
  readonly #chunks: AsyncIterator<Given>;
  readonly #ending = new AbortController();
  readonly #context: ReadContextOf;
  /** What was asked for and has not come. */
  #pending: Promise<IteratorResult<Given>> | undefined;

  constructor({ source, isBounded }: SplittableSource, range: OffsetRange, processingTime: Instant, surroundings: ReadSurroundings) {
    this.#isBounded = isBounded;
    this.#isByChunk = readOrder(isBounded, source.watermark) === "byWatermark";
    this.#surroundings = surroundings;
    this.#tracker = new OffsetTracker(range, { most: surroundings.elementsPerBundle });
    try {
      this.#context = { signal: AbortSignal.any([surroundings.signal, this.#ending.signal]), processingTime };
      this.#chunks = source.read(range, this.#tracker, this.#context)[Symbol.asyncIterator]();
    } catch (error) {
      throw sourceFailed(surroundings.path, error);
    }
  }

  /** Takes chunks through the steps, for its share of a bundle. */
  async read(_part: Part, turn: Turn): Promise<Progress> {
    const { path, clock, signal } = this.#surroundings;
    const onCommit: (() => void | Promise<void>)[] = [];
    this.#context.processingTime = turn.processingTime;
    let [bytes, dropped, elements] = [0, 0, 0];
    let rest: Progress["rest"];
    let isOver = false;
    const isInShare = (): boolean =>
      elements < MOST_READ && bytes < MOST_BYTES && keptOf(turn.pass) < MOST_KEPT && clock.monotonic() < turn.until;
    while (this.#tracker.isStopped || isInShare()) {
      const next = await this.#next();
      if (signal.aborted) throw signal.reason;
      if (next === undefined) {
        rest = { after: NEVER, wake: this.#whenItCame() };
        break;
      }
      isOver = next.done === true;
      if (isOver) break;
      if (next.value instanceof Resume && !this.#isBounded) {
        rest = next.value;
        break;
      }
      const chunk = this.#chunkOf(next.value as Chunk<unknown>);
      bytes += chunk.bytes ?? 0;
      dropped += chunk.dropped ?? 0;
      if (chunk.onCommit !== undefined) onCommit.push(chunk.onCommit);
      const stamps = this.#stampsOf(chunk, turn.processingTime);
      this.#observe(turn.estimator, stamps, chunk);
      turn.steps.run(chunk.values, chunk.values.length, stamps, turn.pass);
      elements += chunk.values.length;
      if (this.#isByChunk && !this.#tracker.isStopped) break;
    }
    if (isOver) this.#checkDone(path);
    return { left: this.#left(isOver), rest, isOver, given: elements, bytes, dropped, onCommit };
  }

  /** Refuses it further positions, so that it gives out what it has claimed and returns. */
  stop(): void {
    this.#tracker.stop();
  }

  /** What is not claimed yet; nothing of the part where all is, but not all has been given out. */
  #left(isOver: boolean): OffsetRange | undefined {
    const { residual, restriction } = this.#tracker;
    return residual ?? (isOver ? undefined : { ...restriction, from: restriction.to });
  }

  /** Lets go of it. One that waits for something outside hears of it by its signal only: it may never come. */
  async close(): Promise<void> {
    this.#ending.abort();
    const done = this.#returned();
    if (this.#pending === undefined) await done;
    else done.catch(() => {});
  }

  async #returned(): Promise<void> {
    try {
      await this.#chunks.return?.();
    } catch (error) {
      throw sourceFailed(this.#surroundings.path, error);
    }
  }

  /** The next chunk; `undefined` where a source without an end has none yet. */
  async #next(): Promise<IteratorResult<Given> | undefined> {
    const { path, clock } = this.#surroundings;
    const asked = (this.#pending ??= this.#chunks.next());
    try {
      const next = this.#isBounded ? await asked : await Promise.race([asked, clock.turn()]);
      if (next !== undefined) this.#pending = undefined;
      return next ?? undefined;
    } catch (error) {
      this.#pending = undefined;
      throw sourceFailed(path, error);
    }
  }

  /** Wakes when what was asked for has come. */
  #whenItCame(): Resume["wake"] {
    const asked = this.#pending!;
    return (notify) => {
      let isHeard = true;
      const tell = (): void => {
        if (isHeard) notify();
      };
      asked.then(tell, tell);
      return () => {
        isHeard = false;
      };
    };
  }

  #checkDone(path: string): void {
    try {
      this.#tracker.checkDone();
    } catch (error) {
      throw sourceFailed(path, error);
    }
  }

  #chunkOf(chunk: Chunk<unknown>): Chunk<unknown> {
    if (Array.isArray((chunk as Chunk<unknown> | undefined)?.values)) return chunk;
    const what = "a read gives out chunks { values: […] }";
    const also = this.#isBounded ? "" : ", or resume(…)";
    throw sourceFailed(this.#surroundings.path, new TypeError(`${what}${also}, and this is ${shortText(chunk)}`));
  }

  /** Lets an estimator see the times of elements, and what the source says of them. */
  #observe(estimator: WatermarkEstimator | undefined, stamps: Stamp | StampColumns, { values, watermark }: Chunk<unknown>): void {
    if (estimator === undefined) return;
    const { path } = this.#surroundings;
    try {
      if (estimator.observe !== undefined && values.length > 0) {
        if ("pane" in stamps) estimator.observe(stamps.timestamp);
        else for (let i = 0; i < values.length; i++) estimator.observe(stamps.timestamps[i]!);
      }
      if (watermark === undefined) return;
      if (typeof watermark !== "number") throw badWatermark(watermark);
      estimator.set?.(watermark);
    } catch (error) {
      throw sourceFailed(path, error);
    }
  }

  /** The times of a chunk, in the global window; they are looked at, since a wrong one would only be noticed far away. */
  #stampsOf({ values, timestamps }: Chunk<unknown>, processingTime: Instant): Stamp | StampColumns {
    if (timestamps === undefined) return this.#isBounded ? UNSTAMPED : { ...UNSTAMPED, timestamp: processingTime };
    const { path } = this.#surroundings;
    if (timestamps.length !== values.length) {
      throw new PipelineError("BAD_TIMESTAMP", {
        what: "a read gave another number of timestamps than of values",
        at: path,
        got: `${timestamps.length} for ${values.length}`,
      });
    }
    const columns = timestamps instanceof Float64Array ? timestamps : Float64Array.from(timestamps);
    const wrong = firstNoInstant(columns);
    if (wrong < columns.length) throw wrongTime(columns[wrong]!, values[wrong], path);
    return {
      timestamps: columns,
      windows: grown(inGlobal, columns.length, UNSTAMPED.windows),
      panes: grown(unfired, columns.length, NO_FIRING),
    };
  }
}

/** Where the first is that is no instant; the length where all are. What is written out here costs less than a call for each. */
function firstNoInstant(times: Float64Array): number {
  const latest = globalWindow.maxTimestamp;
  let i = 0;
  for (; i < times.length; i++) {
    const time = times[i]!;
    if (!(time >= MIN_INSTANT && time <= latest) || Math.floor(time) !== time) break;
  }
  return i;
}

const badWatermark = (watermark: unknown): PipelineError =>
  new PipelineError("BAD_WATERMARK", {
    what: "a read gave a chunk with a watermark that is no number",
    got: shortText(watermark),
    fix: "give milliseconds since the epoch, or leave the watermark out where there is nothing to say",
  });

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
