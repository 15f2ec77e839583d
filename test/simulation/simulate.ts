import { Choices } from "./choices.ts";
import { lateArrivals } from "./late.ts";
import { tangles } from "./live.ts";
import { restarts } from "./restarts.ts";
import { simulatedRunner } from "./simulated-runner.ts";
import type { Subject } from "./subject.ts";
import { groupings, states, transforms } from "./test-streams.ts";
import { Trace } from "./trace.ts";

const subjects: Readonly<Record<string, Subject>> = { tangles, lateArrivals, restarts, transforms, states, groupings };

/** Half of them without the test streams that say what time it is. */
const names = ["tangles", "tangles", "lateArrivals", "restarts", "transforms", "states", "groupings"];

/** Runs what a seed decides; answers the hash of all that happened. Fails with the seed, and how to run it again. */
export async function simulate(seed: number): Promise<string> {
  const trace = new Trace();
  const choices = new Choices(seed, "pipeline");
  const name = choices.pick(names);
  trace.note(name);
  try {
    await subjects[name]!({ choices, trace, runner: (more = {}) => simulatedRunner({ seed, trace, ...more }) });
  } catch (error) {
    const again = `MILLRACE_SEED=${seed} npx vitest run test/simulation`;
    throw new Error(
      `seed ${seed} of the simulation fails in ${name}; again by: ${again}\n${String(error)}\n${foundIn(error)}at last:\n${trace.end}`,
      {
        cause: error,
      },
    );
  }
  return trace.digest;
}

/** What was found in the place of what was expected, which the text of an assertion cuts short. */
function foundIn(error: unknown): string {
  const { actual, expected } = Object(error) as { readonly actual?: unknown; readonly expected?: unknown };
  return actual === undefined ? "" : `found ${JSON.stringify(actual)}\nexpected ${JSON.stringify(expected)}\n`;
}
