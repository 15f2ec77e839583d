import { threadId } from "node:worker_threads";
import {
  collect,
  combinePerKey,
  count,
  definePipeline,
  generate,
  groupByKey,
  keyBy,
  map,
  reshuffle,
  type Collected,
  type KV,
} from "millrace";

let handles:
  | { readonly groups: Collected<unknown>; readonly threads: Collected<number>; readonly counts: Collected<KV<number, number>> }
  | undefined;

/** What the build of this thread collects. */
export const collectedBySpread = () => handles!;

/** Groups that say which thread they were made on. */
export default definePipeline(import.meta.url, (p) => {
  const numbers = p.apply(generate({ count: 3_000 }));
  const keyed = numbers.apply(keyBy((n) => n % 50));
  const groups = keyed.apply("Group", groupByKey()).apply(map(([key, values]) => [key, threadId, [...values].length]));
  const threads = numbers.apply("Spread", reshuffle()).apply(
    "Thread",
    map(() => threadId),
  );
  const counts = keyed.apply("Count", combinePerKey(count()));
  handles = {
    groups: groups.apply("Groups", collect()),
    threads: threads.apply("Threads", collect()),
    counts: counts.apply("Counts", collect()),
  };
});
