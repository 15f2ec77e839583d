import { expect, test } from "vitest";
import { isFull } from "../conformance/matrix.ts";
import { simulate } from "./simulate.ts";

const { MILLRACE_SEED: only, MILLRACE_SEEDS: wanted } = process.env;

/** How many seeds are tried, from 1 on, unless it is one that was named. */
const count = wanted === undefined ? (isFull ? 1_000 : 50) : Number(wanted);

/** How many seeds a test has. */
const AT_ONCE = 25;

const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(only)];
const ranges = Array.from({ length: Math.ceil(seeds.length / AT_ONCE) }, (_, i) => seeds.slice(i * AT_ONCE, (i + 1) * AT_ONCE));

test.each(ranges)("seeds %i …", { timeout: 120_000 }, async (...range) => {
  const digests = new Set<string>();
  for (const seed of range) digests.add(await simulate(seed));
  // Each does something else.
  expect(digests.size).toBe(range.length);
});

test("the same seed does the same", async () => {
  for (const seed of seeds.slice(0, 10)) expect(await simulate(seed)).toBe(await simulate(seed));
});
