import {
  boundedSource,
  claimRange,
  collect,
  countPerElement,
  combineGlobally,
  definePipeline,
  evenly,
  groupByKey,
  keyBy,
  map,
  sum,
  type Collected,
  type OffsetRange,
  type Runner,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { threadsRunner } from "millrace/runners/threads";
import wordCount from "../../docs/examples/word-count.ts";
import { compare } from "./compare.ts";
import { textFile } from "./text-file.ts";
import { digest, output } from "./word-count.ts";

const CHUNK = 1_024;

const numbers = (count: number) =>
  boundedSource<number, OffsetRange>({
    name: "Numbers",
    restriction: () => ({ from: 0, to: count }),
    split: evenly,
    async *read({ from, to }, tracker) {
      for (let n = from; n < to;) {
        const asked = Math.min(n + CHUNK, to);
        const claimed = claimRange(tracker, n, asked);
        yield { values: Array.from({ length: claimed }, (_, i) => n + i) };
        if (n + claimed < asked) return;
        n = asked;
      }
    },
  });

/** About 20 µs of work that nothing can be left out of. */
function worked(number: number): number {
  let hash = number | 1;
  for (let i = 0; i < ROUNDS; i++) {
    hash ^= hash << 13;
    hash ^= hash >>> 17;
    hash ^= hash << 5;
  }
  return hash;
}

const ROUNDS = 12_000;

/** What the run that was started last has found. */
let total: Collected<number>;

/** A step that costs far more than all else, and a count of what it gives. */
export const cpuBound = definePipeline(import.meta.url, { options: { count: { type: "number", default: 200_000 } } }, (p, { count }) => {
  total = p
    .apply(numbers(count))
    .apply("Work", map(worked))
    .apply(
      "Key",
      map((hash) => hash & 1_023),
    )
    .apply(countPerElement())
    .apply(
      "Sum",
      map(([, n]) => n),
    )
    .apply("Total", combineGlobally(sum()))
    .apply("Result", collect());
});

/** Records of five fields that all have to be where their key is, and nothing else. */
export const exchanged = definePipeline(import.meta.url, { options: { count: { type: "number", default: 1_000_000 } } }, (p, { count }) => {
  total = p
    .apply(numbers(count))
    .apply(
      "Record",
      map((id) => ({ id, user: `user-${id % 997}`, country: COUNTRIES[id % 4]!, amount: (id % 8_192) / 16, at: 1_436_918_400_000 + id })),
    )
    .apply(keyBy(({ user }) => user))
    .apply(groupByKey())
    .apply(
      "Size",
      map(([, records]) => [...records].length),
    )
    .apply("Total", combineGlobally(sum()))
    .apply("Result", collect());
});

const COUNTRIES = ["NO", "DE", "FR", "BR"];

/** When a second thread pays: the same pipelines on one thread, and on two. */
export async function threads(): Promise<void> {
  const [one, two] = [directRunner(), threadsRunner({ threads: 2 })];
  const input = await textFile(5_000_000);
  const count = { input, output, replace: true };
  const both = (name: string, run: (runner: Runner) => Promise<unknown>): Promise<unknown> =>
    compare(`${name}, 2 threads against direct`, { ours: () => run(two), plain: () => run(one) }, { pairs: 3, warmUps: 1, alone: 0 });
  await both("CPU-bound map and count per key", async (runner) => (await runner.run(cpuBound)).collected(total));
  await both("word count, 5 M lines", async (runner) => {
    await runner.run(wordCount, count);
    return digest();
  });
  await both("group 1 M records of 5 fields by key", async (runner) => (await runner.run(exchanged)).collected(total));
}
