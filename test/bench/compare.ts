import { loadavg } from "node:os";

/** Two ways to do the same work; each answers what it found, so that both can be checked. */
export interface Sides {
  readonly ours: () => Promise<unknown>;
  readonly plain: () => unknown;
}

/** What one run of a side cost. */
export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** The best of both sides. */
export interface Best {
  readonly ours: Cost;
  readonly plain: Cost;
}

/**
 * The best of several runs of both sides, which take turns so that a machine that is busy for a while is busy for both. Both
 * have run before: what is compared is what V8 has optimized. The plain side also runs alone first, after a full collection each
 * time: that makes V8 compile it anew, and some loops come out four times as fast. No collection is forced later on: it would
 * throw away what our side was optimized for, which no program does.
 */
export async function compare(name: string, { ours, plain }: Sides, { pairs = 5, warmUps = 2, alone = 8 } = {}): Promise<Best> {
  const costs = { ours: [] as Cost[], plain: [] as Cost[] };
  const results: { ours?: unknown; plain?: unknown } = {};
  for (let n = 0; n < alone; n++) {
    globalThis.gc?.();
    costs.plain.push(await costOf(async () => plain()));
  }
  for (let n = 0; n < warmUps; n++) {
    await plain();
    await ours();
  }
  for (let n = 0; n < pairs; n++) {
    costs.plain.push(await costOf(async () => (results.plain = await plain())));
    costs.ours.push(await costOf(async () => (results.ours = await ours())));
  }
  if (JSON.stringify(results.ours) !== JSON.stringify(results.plain)) {
    throw new Error(`${name}: the two sides differ: ${JSON.stringify(results.ours)} and ${JSON.stringify(results.plain)}`);
  }
  const best: Best = { ours: bestOf(costs.ours), plain: bestOf(costs.plain) };
  const ratio = (part: keyof Cost): string => (best.ours[part] / best.plain[part]).toFixed(2);
  const times = `${best.ours.cpuMs.toFixed(0)} ms against ${best.plain.cpuMs.toFixed(0)} ms`;
  console.log(`${name}: ${ratio("cpuMs")}× CPU (${times}), ${ratio("wallMs")}× wall; load ${loadavg()[0]!.toFixed(1)}`);
  return best;
}

const bestOf = (costs: readonly Cost[]): Cost => ({
  cpuMs: Math.min(...costs.map(({ cpuMs }) => cpuMs)),
  wallMs: Math.min(...costs.map(({ wallMs }) => wallMs)),
});

/** What some work costs. */
export async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1_000, wallMs: performance.now() - wall };
}
