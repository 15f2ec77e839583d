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
/** What grows does so from one of so many stretches of time to the next; within one the garbage collector comes and goes. */
const PERIODS = 8;
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
  const period = Math.max(1, Math.floor(steady.length / PERIODS));
  const means = Array.from({ length: PERIODS }, (_, i) => mean(steady.slice(i * period, (i + 1) * period)));
  console.log(
    `memory of a source faster than its sink, ${MINUTES} min: ${rangeText(means)} in ${PERIODS} stretches of ${period} s, ` +
      `${rangeText(steady)} at any moment; ${Math.round(taken / (MINUTES * 60))} elements/s taken`,
  );
}

const mean = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0) / sizes.length;

function rangeText(sizes: readonly number[]): string {
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return `${least.toFixed(0)} to ${most.toFixed(0)} MB (±${(((most - least) / (most + least)) * 100).toFixed(0)} %)`;
}
