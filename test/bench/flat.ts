import {
  asyncMap,
  combinePerKey,
  count,
  fixedWindows,
  keyBy,
  seconds,
  unboundedSource,
  wallClockWatermark,
  windowInto,
  type OffsetRange,
} from "millrace";
import { rxjsRunner } from "millrace/runners/rxjs";

const MINUTES = Number(process.env["MILLRACE_MINUTES"] ?? 1);
const EVERY_MS = 1_000;
/** What the engine and V8 need to get going is not counted. */
const WARM_UP = 0.2;

/** The memory of a process whose source could give out far more than its sink takes, over minutes. */
export async function flat(): Promise<void> {
  let taken = 0;
  const source = unboundedSource<number, OffsetRange>({
    name: "Fast",
    watermark: wallClockWatermark(),
    restriction: () => ({ from: 0, to: Infinity }),
    split: (whole) => [whole],
    async *read({ from }, tracker) {
      for (let n = from; ; n += 1_000) {
        const claimed = tracker.claimRange!(n, n + 1_000);
        yield { values: Array.from({ length: claimed }, (_, i) => n + i) };
        if (claimed < 1_000) return;
      }
    },
  });
  const running = rxjsRunner().start((p) => {
    const numbers = p.apply(source);
    numbers.apply("Slow", asyncMap(slow, { concurrency: 64 }));
    numbers.pipe(
      windowInto(fixedWindows(seconds(1))),
      keyBy((n) => n % 1_000),
      combinePerKey(count()),
    );
  });
  async function slow(): Promise<void> {
    taken++;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const sizes: number[] = [];
  for (let n = 0; n < (MINUTES * 60_000) / EVERY_MS; n++) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    sizes.push(process.memoryUsage().rss / 2 ** 20);
  }
  await running.cancel();
  const steady = sizes.slice(Math.floor(sizes.length * WARM_UP));
  const [least, most] = [Math.min(...steady), Math.max(...steady)];
  const spread = ((most - least) / (most + least)) * 100;
  console.log(
    `memory of a source faster than its sink, ${MINUTES} min: ${least.toFixed(0)} to ${most.toFixed(0)} MB, ±${spread.toFixed(0)} %; ` +
      `${Math.round(taken / (MINUTES * 60))} elements/s taken`,
  );
}
