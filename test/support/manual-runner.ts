import type { Runner } from "millrace";
import { LocalRun } from "../../runners/core/local-run.ts";
import type { Random } from "../../runners/core/ports.ts";
import { byReference, runnerOf, type Job } from "../../runners/core/run.ts";
import type { Cut } from "../../runners/core/scheduler.ts";
import type { ManualClock } from "./manual-clock.ts";

/** Drives runs as the direct runner does, by a clock that a test moves. */
export const manualRunner = (clock: ManualClock, cut: Cut = {}, random: Random = () => 0.5): Runner =>
  runnerOf({ name: "direct", isForStreams: true, cut, clock, random, carrier: () => byReference, drive: (job) => drive(job, cut) });

async function drive(job: Job, cut: Cut): Promise<void> {
  const { turn } = job;
  const run = new LocalRun(job, cut);
  try {
    for (;;) {
      run.round();
      if (run.isOver) return;
      if (!turn.isOver) await turn.wake();
      if (turn.isOver) await turn.yield();
    }
  } finally {
    await run.close();
  }
}
