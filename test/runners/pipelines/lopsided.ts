import { threadId } from "node:worker_threads";
import { boundedSource, collect, definePipeline, evenly, map, type Collected, type OffsetRange } from "millrace";

/** A number, and the thread that has read it. */
export type Place = readonly [n: number, thread: number];

let handle: Collected<Place>;

/** What the pipeline that was built last on this thread collects. */
export const workers = (): Collected<Place> => handle;

/** A source whose first split is a single part: only what is cut later reaches other threads. */
export default definePipeline(import.meta.url, { options: {} }, (p) => {
  const source = boundedSource<number, OffsetRange>({
    name: "Lopsided",
    restriction: () => ({ from: 0, to: 600 }),
    split: (range, parts) => (range.from === 0 && range.to === 600 ? [range] : evenly(range, parts)),
    async *read({ from, to }, tracker) {
      for (let n = from; n < to; n++) {
        if (!tracker.tryClaim(n)) return;
        yield { values: [n] };
      }
    },
  });
  handle = p
    .apply(source)
    .apply(map((n): Place => [n, threadId]))
    .apply(collect());
});
