import { globalWindow, intervalWindow, MIN_INSTANT, NO_FIRING, type Instant, type IntervalWindow, type Pane, type Window } from "millrace";
import { isStamp, type Batch, type Spans, type Stamp } from "../../runners/core/batch.ts";
import type { KeyDictionary } from "../../runners/core/key-dictionary.ts";

/** One element of a batch, with all that the batch knows of it. */
export interface Element {
  readonly value: unknown;
  readonly timestamp: Instant;
  readonly windows: readonly Window[];
  readonly pane: Pane;
}

/** What a grouping is told of an element: it looks at neither time nor pane, so batches for one need not have them. */
export type Grouped = Pick<Element, "value" | "windows">;

/** An element with a time and windows of its own, or with none. */
export const element = (value: unknown, timestamp: Instant = MIN_INSTANT, windows: readonly Window[] = [globalWindow]): Element => ({
  value,
  timestamp,
  windows,
  pane: NO_FIRING,
});

/** The elements of batches, in order. */
export const elementsOf = (batches: readonly Batch[]): readonly Element[] =>
  batches.flatMap(({ values, stamps, size }) => Array.from({ length: size }, (_, i) => ({ value: values[i], ...stampAt(stamps, i) })));

/** The pairs of a batch for a grouping, in order. */
export function pairsOf({ values, stamps, spans, size, keys }: Batch, dictionary?: KeyDictionary): readonly Grouped[] {
  const { ids, distinct = dictionary!.all } = keys!;
  const stamped = (i: number): readonly Window[] => (isStamp(stamps) ? stamps.windows : stamps.windows[i]!);
  return Array.from({ length: size }, (_, i) => ({
    value: [distinct[ids[i]!], values[i]],
    windows: spans === undefined ? stamped(i) : [intervalWindow(spans.starts[i]!, spans.ends[i]!)],
  }));
}

function stampAt(stamps: Batch["stamps"], i: number): Stamp {
  if (isStamp(stamps)) return { timestamp: stamps.timestamp, windows: stamps.windows, pane: stamps.pane };
  return { timestamp: stamps.timestamps[i]!, windows: stamps.windows[i]!, pane: stamps.panes[i]! };
}

/** A batch of these elements; in columns, or under one stamp, which has to be that of all. */
export function batchWith(
  elements: readonly Element[],
  { isUniform = false, keys }: { readonly isUniform?: boolean; readonly keys?: Batch["keys"] } = {},
): Batch {
  const [first] = elements;
  return {
    target: 0,
    partition: 0,
    collection: 0,
    size: elements.length,
    earliest: Math.min(...elements.map(({ timestamp }) => timestamp)),
    values: elements.map(({ value }) => value),
    stamps: isUniform
      ? { timestamp: first!.timestamp, windows: first!.windows, pane: first!.pane }
      : {
          timestamps: Float64Array.from(elements, ({ timestamp }) => timestamp),
          windows: elements.map(({ windows }) => windows),
          panes: elements.map(({ pane }) => pane),
        },
    spans: keys && spansOf(elements),
    keys,
    release: undefined,
  };
}

/** The windows of elements that each are in one of their own, as a grouping by sessions is told of them. */
function spansOf(elements: readonly Element[]): Spans {
  const windows = elements.flatMap((each) => each.windows as readonly IntervalWindow[]);
  return { starts: Float64Array.from(windows, ({ start }) => start), ends: Float64Array.from(windows, ({ end }) => end) };
}
