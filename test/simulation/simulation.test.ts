import { expect, test } from "vitest";
import { ptransform, type KV, type PCollection, type Pipeline } from "millrace";
import { isFull } from "../conformance/matrix.ts";
import { branches, type Check } from "./branches.ts";
import { anyScript, elementsIn, scripted } from "./scripted-source.ts";
import { Seeded, Trace } from "./seeded.ts";
import { Crash, simulatedRunner } from "./simulated-runner.ts";

// Runs of pipelines in which a seed decides everything that their results must not depend on. `MILLRACE_SEEDS` sets how many there are,
// `MILLRACE_SEED` runs one alone.

/** What comes of a seed: a run, and perhaps one before it that died. */
interface Simulated {
  /** Of all that happened, in order. */
  readonly hash: string;
  readonly steps: number;
  readonly fault: string | undefined;
}

/** Runs what a seed says: a script for a source, some branches behind it, and an order of everything. */
async function simulated(seed: number): Promise<Simulated> {
  const seeded = new Seeded(seed);
  const isHonest = seeded.chance(0.5);
  const script = anyScript(seeded, isHonest);
  const elements = elementsIn(script);
  const chosen = Object.entries(branches).filter(() => seeded.chance(0.35));
  const [crashAfter, seedOfSteps] = [seeded.between(0, 60), seeded.between(0, 1e9)];
  const trace = new Trace();
  const trial = async (crash: number | undefined): Promise<string | undefined> => {
    const own = new Seeded(seedOfSteps);
    const checks: Check[] = [];
    const { runner, clock } = simulatedRunner({ seeded: own, trace, isHonest, ...(crash === undefined ? {} : { crashAfter: crash }) });
    const build = (p: Pipeline): void => {
      checks.length = 0;
      const pairs = p.apply("Script", scripted(script, clock.after));
      const ownChoices = new Seeded(seedOfSteps);
      for (const [name, branch] of chosen) {
        const composite = ptransform(name, (all: PCollection<KV<string, number>>) => {
          checks.push(branch({ pairs: all, elements, isHonest, seeded: ownChoices }));
          return all;
        });
        pairs.apply(composite);
      }
    };
    try {
      const result = await runner.run(build);
      return result.state === "DONE" ? checks.flatMap((check) => check(result) ?? [])[0] : `the run ended as ${result.state}`;
    } catch (error) {
      if (crash !== undefined && error instanceof Crash) return checks.flatMap(({ whenDead }) => whenDead?.() ?? [])[0];
      return error instanceof Error ? error.message : String(error);
    }
  };
  const fault = (seeded.chance(0.2) ? await trial(crashAfter) : undefined) ?? (await trial(undefined));
  return { hash: trace.hash, steps: trace.length, fault };
}

/** The seeds of this run. */
function seedsOf({ MILLRACE_SEED: one, MILLRACE_SEEDS: many }: NodeJS.ProcessEnv): readonly number[] {
  if (one !== undefined) return [Number(one)];
  return Array.from({ length: Number(many ?? (isFull ? 1_000 : 50)) }, (_, i) => i + 1);
}

const seeds = seedsOf(process.env);

test("whatever order a seed picks, results are right", { timeout: 60_000 + seeds.length * 1_000 }, async () => {
  const faults: string[] = [];
  for (const seed of seeds) {
    const { fault } = await simulated(seed);
    if (fault !== undefined) faults.push(`${fault}\n  again: MILLRACE_SEED=${seed} npx vitest run test/simulation`);
    if (faults.length >= 3) break; // one would do, several show what they have in common
  }
  expect(faults.join("\n")).toBe("");
});

test("a seed always does the same", async () => {
  for (const seed of seeds.slice(0, 10)) {
    const [first, second] = [await simulated(seed), await simulated(seed)];
    expect(second).toEqual(first);
    expect(first.steps).toBeGreaterThan(0);
  }
});
