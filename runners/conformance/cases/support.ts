import { left, type Coder } from "../../../sdk/coders/coder.ts";
import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { KV, PCollection, Pipeline, PTransform } from "../../../sdk/pipeline.ts";
import { ptransform } from "../../../sdk/pipeline.ts";
import type { Instant } from "../../../sdk/time.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { map } from "../../../sdk/transforms/map.ts";
import type { IntervalWindow, Window } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";

/** A value with its event time, for {@link createAt}. */
export interface At<out T> {
  readonly value: T;
  readonly timestamp: Instant;
}

/** `v@t` of the catalogue. */
export const at = <T>(timestamp: Instant, value: T): At<T> => ({ value, timestamp });

/** A collection of values with their event times. */
export const createAt = <T>(values: readonly At<T>[]): PTransform<Pipeline, PCollection<T>> =>
  ptransform("CreateAt", (p: Pipeline) =>
    p.apply(create(values, { timestampOf: ({ timestamp }) => timestamp })).apply(flatMap(({ value }) => [value])),
  );

/** Groups with their values in order, so that they can be compared. */
export const sortedGroups = <K, V>(): PTransform<PCollection<KV<K, Iterable<V>>>, PCollection<KV<K, readonly V[]>>> =>
  ptransform("SortedGroups", (groups: PCollection<KV<K, Iterable<V>>>) =>
    groups.apply(map(([key, values]): KV<K, readonly V[]> => [key, sorted(values)])),
  );

/** Values in order. */
export const sorted = <V>(values: Iterable<V>): readonly V[] => [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** A window as the catalogue writes it: `[0,10)`, or `global`. */
export function windowText(window: Window): string {
  if (window.maxTimestamp === globalWindow.maxTimestamp) return "global";
  const { start, end } = window as IntervalWindow;
  return `[${start},${end})`;
}

/** Each element behind its window: `["[0,10)", element]`. */
export const withWindow = <T>(): PTransform<PCollection<T>, PCollection<KV<string, T>>> =>
  ptransform("WithWindow", (elements: PCollection<T>) =>
    elements.apply(map((element, { window }): KV<string, T> => [windowText(window), element])),
  );

/** Each element behind its event time: `[9, element]`. */
export const withTime = <T>(): PTransform<PCollection<T>, PCollection<KV<Instant, T>>> =>
  ptransform("WithTime", (elements: PCollection<T>) =>
    elements.apply(map((element, { timestamp }): KV<Instant, T> => [timestamp, element])),
  );

/** Stands where Beam finds no coder for a type: in TypeScript there always is one, so this one takes no value. */
export const refusingCoder = <T>(): Coder<T> => ({
  name: "refusing",
  encode(value) {
    throw new PipelineError("NOT_ENCODABLE", {
      what: "this coder takes no value",
      got: shortText(value),
      fix: "give the collection another coder by withCoder(…)",
    });
  },
  decode: () => left("NOT_DECODABLE", "this coder gives no value"),
});
