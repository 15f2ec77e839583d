import type { AnyCoder } from "../coders/coder.ts";
import { numberCoder } from "../coders/number.ts";
import { rowCoder } from "../coders/row.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { ElementContext } from "../contexts.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { Instant } from "../time.ts";
import type { Pane, Window } from "../windowing.ts";

/** An element with what is known of it. */
export interface Reified<out T> {
  /** The element. */
  readonly value: T;
  /** Its event time, in ms since the epoch. */
  readonly timestamp: Instant;
  /** Its window, or one of them. */
  readonly window: Window;
  /** Which emission of a grouping it came from. */
  readonly pane: Pane;
}

/**
 * Puts time, window and pane beside each element, as data.
 *
 * Shape: `PCollection<T>` → `PCollection<Reified<T>>`, one element for each element and window; time and windows stay.
 *
 * @example
 * ```ts
 * words.apply(reify()); // { value: "to", timestamp: 5_000, window: { start: 0, end: 60_000, maxTimestamp: 59_999 }, pane: { … } }
 * ```
 */
export const reify = <T>(): PTransform<PCollection<T>, PCollection<Reified<T>>> =>
  primitive("Reify", ({ coder }) => ({ kind: "parDo", fn: { kind: "map", call: reified }, output: { coder: reifiedCoder(coder) } }));

function reified(value: unknown, ctx?: ElementContext): Reified<unknown> {
  const { timestamp, window, pane } = ctx!;
  return { value, timestamp, window, pane };
}

function reifiedCoder(elementCoder: AnyCoder): AnyCoder {
  if (elementCoder === structuralCoder) return structuralCoder;
  return rowCoder({ value: elementCoder, timestamp: numberCoder, window: structuralCoder, pane: structuralCoder });
}
