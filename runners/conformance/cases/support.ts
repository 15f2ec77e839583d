import { left, type Coder } from "../../../sdk/coders/coder.ts";
import { sum } from "../../../sdk/combine/sum.ts";
import type { ElementContext } from "../../../sdk/contexts.ts";
import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { KV, PCollection, Pipeline, PTransform } from "../../../sdk/pipeline.ts";
import { ptransform } from "../../../sdk/pipeline.ts";
import type { PipelineResult } from "../../../sdk/running.ts";
import { at, type At } from "../../../sdk/testing/at.ts";
import { testStream, type TestStream } from "../../../sdk/testing/test-stream.ts";
import type { Instant } from "../../../sdk/time.ts";
import { combinePerKey } from "../../../sdk/transforms/combine-per-key.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import type { IntervalWindow, Pane, Window } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { mustEqual } from "../checks.ts";

export { at } from "../../../sdk/testing/at.ts";

/** Numbers that are at the times that they name, as the catalogue often has them. */
export const timed = (...numbers: readonly number[]): readonly At<number>[] => numbers.map((n) => at(n, n));

/** A collection of values with their event times. */
export const createAt = <T>(values: readonly At<T>[]): PTransform<Pipeline, PCollection<T>> =>
  ptransform("CreateAt", (p: Pipeline) =>
    p.apply(create(values, { timestampOf: ({ timestamp }) => timestamp })).apply(flatMap(({ value }) => [value])),
  );

/** A stream of elements that come one after the other, each as an event of its own. */
export const oneByOne = <T>(elements: readonly At<T>[]): TestStream<T> =>
  elements.reduce((stream, element) => stream.addElements(element), testStream<T>());

/** 50 keys with 15 equal values each, well mixed: the number and, as its key, its text. */
export const manyKeys: readonly KV<string, number>[] = Array.from({ length: 50 * 15 }, (_, i) => {
  const value = Math.floor(((i * 7 ** 4) % (50 * 15)) / 15);
  return [`key ${value}`, value];
});

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

/** A pane as the catalogue writes it: `E(0,-1) F`. */
export const paneText = ({ timing, index, nonSpeculativeIndex, isFirst, isLast }: Pane): string =>
  `${timing[0]}(${index},${nonSpeculativeIndex})${isFirst ? " F" : ""}${isLast ? " Z" : ""}`;

/** What a pane holds, with its window, its time and its place among the others: `[0,10) {1,2} ts9 E(0,-1) F`. */
const paneLine = (held: string, { window, timestamp, pane }: ElementContext): string => {
  const time = timestamp === globalWindow.maxTimestamp ? "GMAX" : String(timestamp);
  return `${windowText(window)} ${held} ts${time} ${paneText(pane)}`;
};

/** Groups all elements under one key; each pane as a line: `[0,10) {1,2} ts9 E(0,-1) F`. */
export const panes = <T extends number | string>(): PTransform<PCollection<T>, PCollection<string>> =>
  ptransform("Panes", (elements: PCollection<T>) =>
    elements.pipe(
      withKeys("k"),
      groupByKey(),
      map(([, values], ctx) => paneLine(`{${sorted(values).join(",")}}`, ctx)),
    ),
  );

/** Adds all elements up under one key; each pane as a line: `[0,10) 3 ts9 E(0,-1) F`. */
export const sums = (): PTransform<PCollection<number>, PCollection<string>> =>
  ptransform("Sums", (elements: PCollection<number>) =>
    elements.pipe(
      withKeys("k"),
      combinePerKey(sum()),
      map(([, total], ctx) => paneLine(String(total), ctx)),
    ),
  );

/** Throws unless the groupings of a run dropped so many elements, each once for each window. */
export function mustDrop(result: PipelineResult, { late, closed }: { readonly late: number; readonly closed: number }): void {
  mustEqual(droppedIn(result), { late, closed }, "what was dropped");
}

/** How many elements the groupings of a run have dropped because their windows had expired, or because they were closed. */
export function droppedIn(run: Pick<PipelineResult, "metrics">): { readonly late: number; readonly closed: number } {
  const countOf = (name: string): number => run.metrics({ name, kind: "counter" }).reduce((total, { committed }) => total + committed, 0);
  return { late: countOf("dropped_late"), closed: countOf("dropped_closed") };
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
