import type { AnyCoder } from "../coders/coder.ts";
import { numberCoder } from "../coders/number.ts";
import { rowCoder } from "../coders/row.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { ElementContext } from "../contexts.ts";
import type { Collection } from "../graph.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { Instant } from "../time.ts";
import type { Pane, Window } from "../windowing.ts";
import { isGlobal } from "../windows/global.ts";
import { intervalWindowCoder } from "../windows/interval.ts";

/** An element with what is known of it. */
export interface Reified<out T> {
  /** The element. */
  readonly value: T;
  /** Its event time, in ms since the epoch. */
  readonly timestamp: Instant;
  /** Its window; of an element in several, that of this one. */
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
  primitive("Reify", (input) => ({ kind: "parDo", fn: { kind: "map", call: reified }, output: { coder: reifiedCoder(input) } }));

/** An element with its time, window and pane beside it. */
export function reified(value: unknown, ctx?: ElementContext): Reified<unknown> {
  const { timestamp, window, pane } = ctx!;
  return { value, timestamp, window, pane };
}

/** The coder of a collection's elements with what is known of them. Windows of a kind of their own may be no plain data: their coder knows. */
export function reifiedCoder({ coder, windowing }: Collection): AnyCoder {
  const { windowCoder } = windowing.windowFn;
  const hasPlainWindows = windowCoder === intervalWindowCoder || isGlobal(windowing);
  if (coder === structuralCoder && hasPlainWindows) return structuralCoder;
  return rowCoder({ value: coder, timestamp: numberCoder, window: windowCoder, pane: structuralCoder });
}
