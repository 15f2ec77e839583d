/** `npm run bench [-- NAME…]`: all benchmarks, or those that are named. Each runs both sides in this process and prints their ratio. */
const benchmarks: Readonly<Record<string, () => Promise<unknown>>> = {
  "integers": async () => (await import("./integers.ts")).integers(),
  "word-count": async () => (await import("./word-count.ts")).wordCounts(),
  "memory": async () => (await import("./memory.ts")).memory(),
  "sessions": async () => (await import("./sessions.ts")).sessionsCount(),
  "side-input": async () => (await import("./side-input.ts")).sideInput(),
  "state": async () => (await import("./state.ts")).state(),
  "exchange": async () => (await import("./exchange.ts")).exchange(),
  "flat": async () => (await import("./flat.ts")).flat(),
  "latency": async () => (await import("./latency.ts")).latency(),
  "spill": async () => (await import("./spill.ts")).spill(),
  "threads": async () => (await import("./threads.ts")).threads(),
  "start": async () => (await import("./start.ts")).start(),
  "windowed-count": async () => (await import("./windowed-count.ts")).windowedCount(),
};

const asked = process.argv.slice(2);
for (const name of asked.length === 0 ? Object.keys(benchmarks) : asked) await benchmarks[name]!();
