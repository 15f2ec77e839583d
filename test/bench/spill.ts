import { compile, costOfProcess } from "./compiled.ts";

const PAIRS = 20_000_000;
const HEAP_MB = 512;

/** Grouping by key of far more keys than fit into the heap of a process. */
export async function spill(): Promise<void> {
  compile();
  measure("GroupByKey", "groupByKey()", "const [, values] of [pair]) for (const value of values");
  measure("CombinePerKey(count)", "combinePerKey(count())", "const value of [pair[1]]");
}

/** @param each - the head of the loop that goes through the values of a pair. */
function measure(name: string, grouping: string, each: string): void {
  const { wallMs, cpuMs, peakMb, printed } = costOfProcess(
    `
    import { combinePerKey, count, generate, groupByKey, keyBy, map } from "millrace";
    import { directRunner } from "millrace/runners/direct";
    let came = 0;
    const result = await directRunner().run((p) => {
      p.apply(generate({ count: ${PAIRS} })).pipe(
        keyBy((i) => (i * 7_919) % ${PAIRS}),
        ${grouping},
        map((pair) => {
          for (${each}) if (value >= 0) came++;
        }),
      );
    });
    if (came !== ${PAIRS}) throw new Error(came + " values came");
    console.log(result.metrics({ name: "spilled_bytes" }).map(({ committed }) => committed / 1_024 / 1_024)[0] ?? 0);`,
    [`--max-old-space-size=${HEAP_MB}`],
  );
  console.log(
    `${name}, ${PAIRS / 1e6} M distinct pairs, heap of ${HEAP_MB} MB: ${(wallMs / 1_000).toFixed(1)} s, ${(cpuMs / 1_000).toFixed(1)} s CPU, ` +
      `peak ${peakMb.toFixed(0)} MB, ${Number(printed).toFixed(0)} MB spilled`,
  );
}
