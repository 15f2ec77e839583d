import {
  collect,
  combinePerKey,
  definePipeline,
  fixedWindows,
  flatMap,
  groupByKey,
  map,
  reify,
  sum,
  windowInto,
  withTimestamps,
  type Collected,
  type KV,
  type PCollection,
  type Reified,
} from "millrace";
import type { KnownWindowing, StreamEvent } from "../../support/grouping-oracle.ts";
import { streamOf, windowedAs } from "../../support/stream-scenarios.ts";

/** What a run is told, as text, so that threads can be told it too. */
export interface Story {
  readonly grouping: "groupByKey" | "combinePerKey";
  readonly windowing: KnownWindowing;
  readonly events: readonly StreamEvent[];
  /** Whether the elements are those of an earlier grouping, moved so far back that all of them are late. */
  readonly isMovedBack?: boolean;
}

/** What comes out: all values of the panes, or their sums; and the late elements. */
export interface Handles {
  readonly main: Collected<unknown>;
  readonly late: Collected<Reified<KV<string, number>>>;
}

let handles: Handles;

/** What the pipeline that was built last on this thread collects. */
export const collected = (): Handles => handles;

/** How far back elements are moved, in ms. */
export const BACK = 1_000;

/** A grouping whose late elements go somewhere. */
export default definePipeline(import.meta.url, { options: { story: { type: "string", required: true } } }, (p, { story }) => {
  const { grouping, windowing, events, isMovedBack = false } = JSON.parse(story) as Story;
  const stream = p.apply(streamOf(events));
  const elements = (isMovedBack ? movedBack(stream) : stream).apply("Windows", windowedAs(windowing));
  if (grouping === "groupByKey") {
    const { main, late } = elements.apply("Group", groupByKey({ lateTo: "late" }));
    handles = { main: main.apply(map(([, values]) => [...values])).apply(collect()), late: late.apply(reify()).apply("Late", collect()) };
  } else {
    const { main, late } = elements.apply("Group", combinePerKey(sum(), { lateTo: "late" }));
    handles = { main: main.apply(map(([, total]) => total)).apply(collect()), late: late.apply(reify()).apply("Late", collect()) };
  }
});

const movedBack = (stream: PCollection<KV<string, number>>): PCollection<KV<string, number>> =>
  stream
    .apply(windowInto(fixedWindows(10)))
    .apply("Before", groupByKey())
    .apply(flatMap(([key, values]) => [...values].map((value): KV<string, number> => [key, value])))
    .apply(withTimestamps(([, value]: KV<string, number>) => value - BACK, { allowedSkew: BACK + 10 }));
