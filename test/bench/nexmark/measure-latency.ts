import type { Runner } from "millrace";
import pacedQuery, { causeOf, giveTo } from "./latency.ts";

/** How long results took, in ms. */
export interface Latency {
  readonly results: number;
  readonly p50: number;
  readonly p99: number;
  /** Only where there are enough results for it to mean something. */
  readonly p999: number | undefined;
  readonly most: number;
}

const ENOUGH_FOR_P999 = 10_000;

/** What some latencies come to. */
export function latencyOf(taken: readonly number[]): Latency {
  const sorted = Float64Array.from(taken).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { results: taken.length, p50: at(0.5), p99: at(0.99), p999: taken.length < ENOUGH_FOR_P999 ? undefined : at(0.999), most: at(1) };
}

/** Now, in ms with fractions. */
const nowMs = (): number => performance.timeOrigin + performance.now();

/** What a query takes from an event that makes a result come out to that result, while events come at a steady pace. */
export async function measureLatency(
  runner: Runner,
  query: string,
  { rate, seconds, warmUp }: { readonly rate: number; readonly seconds: number; readonly warmUp: number },
): Promise<Latency> {
  const taken: number[] = [];
  const from = nowMs() + warmUp * 1_000;
  giveTo((result) => {
    const now = nowMs();
    if (now >= from) taken.push(now - causeOf(query, result, rate));
  });
  const running = runner.start(pacedQuery, { query, config: JSON.stringify({ rate }) });
  await new Promise((resolve) => setTimeout(resolve, (warmUp + seconds) * 1_000));
  await running.cancel();
  return latencyOf(taken);
}
