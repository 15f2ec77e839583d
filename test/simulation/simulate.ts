import { Choices } from "./choices.ts";
import { simulatedRunner } from "./simulated-runner.ts";
import type { Subject } from "./subject.ts";
import { groupings, states, transforms } from "./test-streams.ts";
import { Trace } from "./trace.ts";

const subjects: Readonly<Record<string, Subject>> = { groupings, states, transforms };

/** Runs what a seed decides; answers the hash of all that happened. Fails with the seed, and how to run it again. */
export async function simulate(seed: number): Promise<string> {
  const trace = new Trace();
  const choices = new Choices(seed, "pipeline");
  const name = choices.pick(Object.keys(subjects));
  trace.note(name);
  try {
    await subjects[name]!({ choices, trace, runner: (more = {}) => simulatedRunner({ seed, trace, ...more }) });
  } catch (error) {
    const again = `MILLRACE_SEED=${seed} npx vitest run test/simulation`;
    throw new Error(`seed ${seed} of the simulation fails in ${name}; again by: ${again}\n${String(error)}\nat last:\n${trace.end}`, {
      cause: error,
    });
  }
  return trace.digest;
}
