import type { AnyCoder } from "../../sdk/coders/coder.ts";
import { decoded } from "../../sdk/coders/coder.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import { allDecoded, encodeAll } from "../../sdk/coders/frames.ts";
import { NO_FIRING, type Pane, type Window } from "../../sdk/windowing.ts";
import { globalWindow } from "../../sdk/windows/global.ts";
import { isStamp, UNSTAMPED, type Batch, type Label, type Spans, type Stamp, type StampColumns } from "../core/batch.ts";
import { batchCodersOf } from "../core/batch-coders.ts";
import type { Plan } from "../core/plan.ts";

/** A batch as bytes under its label: what passes between threads. Bytes have their memory to themselves. */
export interface EncodedBatch extends Label {
  readonly values: Uint8Array;
  readonly isPartial: boolean;
  readonly keys: { readonly ids: Int32Array; readonly distinct: Uint8Array; readonly weights: Int32Array | undefined } | undefined;
  readonly spans: Spans | undefined;
  /** Nothing for elements without a time or a window of their own. */
  readonly stamps: EncodedStamps | undefined;
}

/** Stamps in columns; each different list of windows, and each different pane, is written once. */
interface EncodedStamps {
  /** One for all, or one for each. */
  readonly timestamps: number | Float64Array;
  /** The lists of windows, one after the other, and how many windows each has; nothing where all have one. */
  readonly windows: Uint8Array;
  readonly windowCounts: Uint32Array | undefined;
  readonly windowOf: Uint32Array | undefined;
  readonly panes: readonly Pane[];
  readonly paneOf: Uint32Array | undefined;
}

/** Turns batches into bytes and back, by the coders of their collections. */
export class BatchCodec {
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Throws the coder's error, with the name of the collection. */
  encode(batch: Batch): EncodedBatch {
    try {
      return this.#encoded(batch);
    } catch (error) {
      throw notEncoded(this.#plan.graph.collections[batch.collection]!.name, error);
    }
  }

  #encoded(batch: Batch): EncodedBatch {
    const { target, partition, collection, size, earliest, windowEnd, values, keys, stamps, spans, isPartial = false } = batch;
    const { keyCoder, valueCoder } = batchCodersOf(this.#plan, batch);
    return {
      target,
      partition,
      collection,
      size,
      earliest,
      windowEnd,
      isPartial,
      values: together(valueCoder, values.length === size ? values : values.slice(0, size)),
      keys: keys && { ids: keys.ids, distinct: together(keyCoder, keys.distinct!), weights: keys.weights },
      spans,
      stamps: stamps === UNSTAMPED ? undefined : encodedStamps(stamps, this.#windowCoderOf(batch)),
    };
  }

  decode(batch: EncodedBatch): Batch {
    const { target, partition, collection, size, earliest, values, keys, stamps, spans, isPartial } = batch;
    const { keyCoder, valueCoder } = batchCodersOf(this.#plan, batch);
    return {
      target,
      partition,
      collection,
      size,
      earliest,
      isPartial,
      values: allDecoded(valueCoder, values),
      keys: keys && { ids: keys.ids, distinct: allDecoded(keyCoder, keys.distinct), weights: keys.weights },
      spans,
      stamps: stamps === undefined ? UNSTAMPED : decodedStamps(stamps, this.#windowCoderOf(batch)),
      release: undefined,
    };
  }

  /** What a sink's writer has to publish, by the coder of the sink's output. */
  encodeCommittable(stage: number, committable: unknown): Uint8Array {
    return this.#committableCoderOf(stage).encode(committable);
  }

  decodeCommittable(stage: number, bytes: Uint8Array): unknown {
    return decoded(this.#committableCoderOf(stage), bytes);
  }

  #committableCoderOf(stage: number): AnyCoder {
    return this.#plan.graph.collections[this.#plan.stages[stage]!.outputs[0]!.collection]!.coder;
  }

  #windowCoderOf({ collection }: Label): AnyCoder {
    return this.#plan.graph.collections[collection]!.windowing.windowFn.windowCoder;
  }
}

/**
 * Values in bytes whose memory holds nothing else: short ones share theirs. So it can be handed over, no message copies more than
 * that, and what is kept of a run until it ends is no more either.
 */
function together(coder: AnyCoder, values: readonly unknown[]): Uint8Array {
  const bytes = encodeAll(coder, values);
  const isWhole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return isWhole ? bytes : new Uint8Array(bytes);
}

/** A coder's own error says what it could not take; this one adds where. */
function notEncoded(at: string, error: unknown): PipelineError {
  if (error instanceof PipelineError) return new PipelineError(error.code, { at, ...error.parts });
  return new PipelineError("NOT_ENCODABLE", {
    what: `a coder failed: ${error instanceof Error ? error.message : shortText(error)}`,
    at,
    cause: error,
  });
}

function encodedStamps(stamps: Stamp | StampColumns, windowCoder: AnyCoder): EncodedStamps {
  if (isStamp(stamps)) {
    return {
      timestamps: stamps.timestamp,
      ...encodedWindows([stamps.windows], windowCoder),
      windowOf: undefined,
      panes: [stamps.pane],
      paneOf: undefined,
    };
  }
  const windows = dictionaryOf(stamps.windows);
  const panes = dictionaryOf(stamps.panes);
  return {
    timestamps: stamps.timestamps,
    ...encodedWindows(windows.distinct, windowCoder),
    windowOf: windows.ids,
    panes: panes.distinct,
    paneOf: panes.ids,
  };
}

function decodedStamps(
  { timestamps, windows: bytes, windowCounts, windowOf, panes: sent, paneOf }: EncodedStamps,
  windowCoder: AnyCoder,
): Stamp | StampColumns {
  const windows = decodedWindows(bytes, windowCounts, windowCoder).map(sameIfGlobal);
  const panes = sent.map((pane) => (pane.timing === "UNKNOWN" ? NO_FIRING : pane));
  if (typeof timestamps === "number") return { timestamp: timestamps, windows: windows[0]!, pane: panes[0]! };
  return { timestamps, windows: Array.from(windowOf!, (id) => windows[id]!), panes: Array.from(paneOf!, (id) => panes[id]!) };
}

function encodedWindows(lists: readonly (readonly Window[])[], coder: AnyCoder): Pick<EncodedStamps, "windows" | "windowCounts"> {
  const windowCounts = lists.every(({ length }) => length === 1) ? undefined : Uint32Array.from(lists, ({ length }) => length);
  return { windows: together(coder, lists.flat()), windowCounts };
}

function decodedWindows(bytes: Uint8Array, counts: Uint32Array | undefined, coder: AnyCoder): readonly (readonly Window[])[] {
  const windows = allDecoded(coder, bytes) as readonly Window[];
  if (counts === undefined) return windows.map((window) => [window]);
  let at = 0;
  return Array.from(counts, (count) => windows.slice(at, (at += count)));
}

/** The lists of windows of most elements are one list, so that the engine can tell so at a glance. */
const sameIfGlobal = (windows: readonly Window[]): readonly Window[] =>
  windows.length === 1 && windows[0] === globalWindow ? UNSTAMPED.windows : windows;

/** What is different in a column, and which of it stands where. Told by identity: what is equal but made anew is only sent twice. */
function dictionaryOf<A>(column: readonly A[]): { readonly distinct: readonly A[]; readonly ids: Uint32Array } {
  const places = new Map<A, number>();
  const ids = Uint32Array.from(column, (value) => {
    if (!places.has(value)) places.set(value, places.size);
    return places.get(value)!;
  });
  return { distinct: [...places.keys()], ids };
}
