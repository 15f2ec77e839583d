import { loadavg } from "node:os";
import { compile, costOfProcess, type ProcessCost } from "./compiled.ts";

const EMPTY = "import { directRunner } from 'millrace/runners/direct';\nawait directRunner().run(() => {});";

/** What it takes to import the package and to run an empty pipeline, against a process that does nothing. */
export async function start(): Promise<void> {
  compile();
  const costs = Array.from({ length: 10 }, () => ({ bare: costOfProcess("0"), ours: costOfProcess(EMPTY) }));
  const best = (side: "bare" | "ours", part: keyof ProcessCost): number => Math.min(...costs.map((pair) => pair[side][part]));
  const ratio = (part: keyof ProcessCost): string => (best("ours", part) / best("bare", part)).toFixed(2);
  const cpu = `${ratio("cpuMs")}× CPU (${best("ours", "cpuMs").toFixed(0)} ms against ${best("bare", "cpuMs").toFixed(0)} ms)`;
  console.log(`start, an empty pipeline against bare node: ${cpu}, ${ratio("wallMs")}× wall; load ${loadavg()[0]!.toFixed(1)}`);
}
