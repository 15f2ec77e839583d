import { tmpdir } from "node:os";
import { join } from "node:path";
import { combinePerKey, count, fixedWindows, flatMap, keyBy, map, seconds, windowInto } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { testStream, type TestStream } from "millrace/testing";
import { compile, costOfProcess } from "./compiled.ts";
import { textFile } from "./text-file.ts";

const MB = 1_024 * 1_024;
const WINDOWS = 20;
const KEYS = 100_000;

/** The memory of a large word count, and what is left of windows that have expired. */
export async function memory(): Promise<void> {
  await wordCountMemory(5_000_000);
  await expiredWindows("windows of one pane", 0);
  await expiredWindows("windows with late panes", 500);
}

/** The peak of a process that counts the words of many lines. */
async function wordCountMemory(lines: number): Promise<void> {
  const input = await textFile(lines);
  const output = join(tmpdir(), "millrace-bench-counts.txt");
  compile();
  const { peakMb, cpuMs } = costOfProcess(`
    import { countPerElement, flatMap, map } from "millrace";
    import { readText, writeText } from "millrace/io/text";
    import { directRunner } from "millrace/runners/direct";
    await directRunner().run((p) => {
      p.apply(readText(${JSON.stringify(input)})).pipe(
        flatMap((line) => line.toLowerCase().match(/[\\p{L}']+/gu) ?? []),
        countPerElement(),
        map(([word, n]) => word + "\\t" + n),
        writeText(${JSON.stringify(output)}, { ifExists: "replace" }),
      );
    });`);
  console.log(`word count, ${lines / 1e6} M lines, direct: peak ${peakMb.toFixed(0)} MB, ${(cpuMs / 1_000).toFixed(1)} s CPU`);
}

/** The heap after each of many windows, all with keys of their own, once the watermark has passed it. */
async function expiredWindows(name: string, allowedLateness: number): Promise<void> {
  const heaps: number[] = [];
  let stream: TestStream<number> = testStream<number>();
  for (let window = 0; window < WINDOWS; window++) {
    stream = stream.advanceWatermarkTo(window * 1_000).addElements(window);
  }
  await directRunner().run((p) => {
    p.apply(stream).pipe(
      // Each element of the stream begins a window: what the windows before have left is measured then.
      map((window) => {
        globalThis.gc!();
        heaps.push(process.memoryUsage().heapUsed / MB);
        return window;
      }),
      windowInto(fixedWindows(seconds(1)), { allowedLateness, accumulation: "discarding" }),
      flatMap((window) => Array.from({ length: KEYS }, (_, i) => `key ${window * KEYS + i}`)),
      keyBy((key) => key),
      combinePerKey(count()),
    );
  });
  const text = heaps.map((heap) => heap.toFixed(0)).join(", ");
  console.log(`heap in MB as each of ${WINDOWS} windows of ${KEYS} keys begins, ${name}: ${text}`);
}
